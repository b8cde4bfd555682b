// The broker against a naive one: the same random commands must make both say the same to everybody.
//
// SHEAF_MODEL_SEED=N runs one sequence only, the one that a failure names.
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "naive_broker.hpp"
#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using enum protocol::packet_type;
using grab_kind = naive_broker::grab_kind;

constexpr int peers_max = 6;
constexpr int steps = 120;

class duel {
  public:
    explicit duel(std::uint64_t seed)
        : random_(seed),
          how_{.retries = pick({-1, -1, 0, 1, 2}), .wakeup = pick<std::size_t>({1, 1, 2, 0}), .patience = 100},
          naive_(how_),
          core_({.handle_prefix = "H:",
                 .job_retries = how_.retries,
                 .worker_wakeup = how_.wakeup,
                 .wakeup_patience = std::chrono::milliseconds{how_.patience}},
                sink_) {}

    // Runs commands until the two disagree; returns what they disagree about.
    std::string run() {
        for (int i = 0; i < steps; ++i) {
            step();
            core_.check_invariants();
            if (std::string difference = compare(); !difference.empty()) return story_ + difference;
        }
        return {};
    }

  private:
    template <class T = int>
    T pick(std::initializer_list<T> choices) {
        return choices.begin()[random_() % choices.size()];
    }
    std::string word(std::initializer_list<const char*> choices) { return choices.begin()[random_() % choices.size()]; }
    bool chance(unsigned percent) { return random_() % 100 < percent; }
    std::uint64_t some_job() {
        const std::uint64_t newest = std::max<std::uint64_t>(created_, 1);
        const std::uint64_t recent = std::min<std::uint64_t>(newest, 8);
        return newest - random_() % recent;
    }
    static std::string handle(std::uint64_t job) { return "H:" + std::to_string(job); }
    static broker::connection_id id(int peer) { return broker::connection_id{static_cast<std::uint32_t>(peer)}; }
    [[nodiscard]] broker::instant now() const {
        return {broker::steady_time{std::chrono::hours{1}} + std::chrono::milliseconds{time_},
                broker::wall_time{std::chrono::milliseconds{time_}}};
    }

    template <protocol::packet_type Type, class... Parts>
    void says(int peer, const Parts&... parts) {
        protocol::output_buffer out;
        protocol::write_request<Type>(out, parts...);
        const std::string bytes = take_all(out);
        story_ += "  " + std::to_string(peer) + " says " + readable(bytes, protocol::direction::request).at(0) + '\n';
        protocol::packet_view packet;
        ASSERT_TRUE(protocol::parse_packet(Type, protocol::direction::request,
                                           std::string_view(bytes).substr(protocol::header_size), packet));
        core_.packet(id(peer), packet, now());
    }

    void step() {
        const int peer = static_cast<int>(random_() % peers_max);
        if (!present_[peer]) return connect(peer);
        const unsigned kind = static_cast<unsigned>(random_() % 100);
        if (kind < 22) return submit(peer);
        if (kind < 40) return grab(peer);
        if (kind < 58) return work(peer);
        if (kind < 68) return store_answers();
        if (kind < 76) return sleep(peer);
        if (kind < 84) return abilities(peer);
        if (kind < 90) return pass_time();
        if (kind < 96) return ask(peer);
        disconnect(peer);
    }

    void connect(int peer) {
        story_ += "  " + std::to_string(peer) + " connects\n";
        present_[peer] = true;
        core_.connected(id(peer), "127.0.0.1", peer);
        naive_.connected(peer);
        can_do(peer, word({"f", "g"}));
    }

    void disconnect(int peer) {
        story_ += "  " + std::to_string(peer) + " leaves\n";
        present_[peer] = false;
        core_.disconnected(id(peer), now());
        naive_.disconnected(peer);
        sink_.take(id(peer));
    }

    void submit(int peer) {
        naive_broker::words what{.function = word({"f", "g", "h"}),
                                 .unique = word({"", "-", "k", "k", "l"}),
                                 .reducer = "",
                                 .data = word({"", "x", "y"}),
                                 .priority = pick({0, 1, 1, 2}),
                                 .background = chance(50),
                                 .run_at = 0};
        const auto go = [&]<protocol::packet_type Type>() { says<Type>(peer, what.function, what.unique, what.data); };
        if (chance(10)) {
            what.reducer = "r";
            what.priority = 1;
            if (what.background) {
                says<submit_reduce_job_background>(peer, what.function, what.unique, what.reducer, "", what.data);
            } else {
                says<submit_reduce_job>(peer, what.function, what.unique, what.reducer, "", what.data);
            }
        } else if (chance(10)) {
            const std::int64_t epoch = time_ / 1000 + pick({-1, 0, 1, 2});
            what.priority = 1;
            what.background = true;
            what.run_at = std::max<std::int64_t>(epoch, 0) * 1000;
            says<submit_job_epoch>(peer, what.function, what.unique, std::to_string(epoch), what.data);
        } else if (what.priority == 0) {
            what.background ? go.operator()<submit_job_high_bg>() : go.operator()<submit_job_high>();
        } else if (what.priority == 1) {
            what.background ? go.operator()<submit_job_bg>() : go.operator()<submit_job>();
        } else {
            what.background ? go.operator()<submit_job_low_bg>() : go.operator()<submit_job_low>();
        }
        naive_.submit(peer, what);
        created_ = std::max(created_, naive_.jobs_made());
    }

    void grab(int peer) {
        switch (pick({0, 0, 1, 2})) {
            case 0: says<grab_job>(peer); return naive_.grab(peer, grab_kind::plain);
            case 1: says<grab_job_uniq>(peer); return naive_.grab(peer, grab_kind::unique);
            default: says<grab_job_all>(peer); return naive_.grab(peer, grab_kind::all);
        }
    }

    void work(int peer) {
        const auto mine = naive_.jobs_of(peer);
        const std::uint64_t job = mine.empty() || chance(10) ? some_job() : mine[random_() % mine.size()];
        const std::string first = word({"1", "2", "50"});
        const std::string second = word({"100", "3"});
        switch (pick({0, 0, 0, 1, 1, 2, 3, 4, 5})) {
            case 0:
                says<work_complete>(peer, handle(job), first);
                return naive_.work(peer, "WORK_COMPLETE", job, first, "");
            case 1: says<work_fail>(peer, handle(job)); return naive_.work(peer, "WORK_FAIL", job, "", "");
            case 2:
                says<work_exception>(peer, handle(job), first);
                return naive_.work(peer, "WORK_EXCEPTION", job, first, "");
            case 3: says<work_data>(peer, handle(job), first); return naive_.work(peer, "WORK_DATA", job, first, "");
            case 4:
                says<work_warning>(peer, handle(job), first);
                return naive_.work(peer, "WORK_WARNING", job, first, "");
            default:
                says<work_status>(peer, handle(job), first, second);
                return naive_.work(peer, "WORK_STATUS", job, first, second);
        }
    }

    void store_answers() {
        if (answered_ == naive_.persisted.size()) return;
        // Mostly in order, but an answer may overtake others, or come twice.
        const std::uint64_t job =
            chance(80) ? naive_.persisted[answered_++] : naive_.persisted[random_() % naive_.persisted.size()];
        if (chance(75)) {
            story_ += "  the store has " + std::to_string(job) + '\n';
            core_.stored(broker::job_id{job}, now());
            naive_.stored(job);
        } else {
            story_ += "  the store cannot keep " + std::to_string(job) + '\n';
            core_.store_failed(broker::job_id{job}, "no", now());
            naive_.store_failed(job, "no");
        }
    }

    void sleep(int peer) {
        if (chance(50)) {
            says<all_yours>(peer);
            return naive_.all_yours(peer);
        }
        says<pre_sleep>(peer);
        naive_.pre_sleep(peer);
    }

    void can_do(int peer, const std::string& function) {
        if (chance(25)) {
            says<can_do_timeout>(peer, function, "1500");
            naive_.can_do(peer, function, 1500);
        } else {
            says<protocol::packet_type::can_do>(peer, function);
            naive_.can_do(peer, function, std::nullopt);
        }
    }

    void abilities(int peer) {
        const std::string function = word({"f", "g", "h"});
        switch (pick({0, 0, 0, 1, 2})) {
            case 0: return can_do(peer, function);
            case 1: says<cant_do>(peer, function); return naive_.cant_do(peer, function);
            default: says<reset_abilities>(peer); return naive_.reset_abilities(peer);
        }
    }

    void pass_time() {
        const std::int64_t time = pick<std::int64_t>({1, 50, 100, 700, 1500});
        story_ += "  " + std::to_string(time) + " ms pass\n";
        time_ += time;
        core_.tick(now());
        naive_.passes(time);
    }

    void ask(int peer) {
        const std::uint64_t job = some_job();
        switch (pick({0, 1, 2, 3, 4})) {
            case 0: says<get_status>(peer, handle(job)); return naive_.get_status(peer, job);
            case 1: says<option_req>(peer, "exceptions"); return naive_.exceptions(peer);
            case 2: says<echo_req>(peer, "e"); return naive_.echo(peer, "e");
            case 3:
                // A key of one function only: which of several the broker reports is its own matter.
                says<get_status_unique>(peer, "nobody's");
                return naive_.get_status_unique(peer, "nobody's");
            default:
                story_ += "  " + std::to_string(peer) + " cancels " + handle(job) + '\n';
                core_.line(id(peer), "cancel job " + handle(job), now());
                if (!sink_.questions.empty()) {  // whether it is written, which it is at once
                    core_.served(sink_.questions.back().name, {}, now());
                    sink_.questions.clear();
                }
                return naive_.cancel(peer, job);
        }
    }

    std::string compare() {
        for (int peer = 0; peer < peers_max; ++peer) {
            if (!present_[peer]) continue;
            const auto real = sink_.take(id(peer));
            const auto model = naive_.take(peer);
            if (real != model) {
                return "peer " + std::to_string(peer) + " heard " + testing::PrintToString(real) +
                       ", should have heard " + testing::PrintToString(model);
            }
        }
        const auto count = core_.count();
        if (count.running != naive_.running() || count.queued != naive_.queued()) return "the counts of jobs differ";
        if (sink_.forgotten != naive_.forgotten) return "different jobs were forgotten";
        std::vector<std::uint64_t> persisted;
        for (const auto& record : sink_.persisted) persisted.push_back(record.id.value());
        return persisted == naive_.persisted ? "" : "different jobs were persisted";
    }

    std::mt19937_64 random_;
    naive_broker::settings how_;
    naive_broker naive_;
    recording_sink sink_;
    broker::core core_;
    std::array<bool, peers_max> present_{};
    std::uint64_t created_ = 0;
    std::size_t answered_ = 0;
    std::int64_t time_ = 0;
    std::string story_ = "\n";
};

TEST(model, the_broker_says_what_a_naive_one_says) {
    const char* const only = std::getenv("SHEAF_MODEL_SEED");
    const std::uint64_t first = only == nullptr ? 1 : std::strtoull(only, nullptr, 10);
    const std::uint64_t last = only == nullptr ? 3000 : first;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        ASSERT_EQ(duel(seed).run(), "") << "SHEAF_MODEL_SEED=" << seed;
    }
}

}  // namespace
}  // namespace sheaf::test
