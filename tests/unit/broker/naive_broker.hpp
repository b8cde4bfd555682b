// A job server written as naively as possible, to be compared with the real one: everything is a vector that is
// searched from its start, and every reply is a line of text.
//
// It knows the rules and none of the means. Time is milliseconds since some start, by both clocks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sheaf::test {

class naive_broker {
  public:
    struct settings {
        int retries = -1;
        std::size_t wakeup = 1;
        std::int64_t patience = 100;
    };
    struct words {
        std::string function, unique, reducer, data;
        int priority = 1;  ///< 0 is high
        bool background = false;
        std::int64_t run_at = 0;
    };
    enum class grab_kind { plain, unique, all };

    explicit naive_broker(settings how) : how_(how) {}

    // Events.
    void connected(int peer) { peers_[peer] = {}; }
    void disconnected(int peer);
    void can_do(int peer, const std::string& function, std::optional<std::int64_t> timeout);
    void cant_do(int peer, const std::string& function);
    void reset_abilities(int peer);
    void pre_sleep(int peer);
    void all_yours(int peer);
    void grab(int peer, grab_kind kind);
    void submit(int peer, const words& what);
    void work(int peer, const std::string& what, std::uint64_t job, const std::string& first,
              const std::string& second);
    void exceptions(int peer);
    void get_status(int peer, std::uint64_t job);
    void get_status_unique(int peer, const std::string& unique);
    void echo(int peer, const std::string& data) { say(peer, "ECHO_RES " + data); }
    void cancel(int peer, std::uint64_t job);
    void stored(std::uint64_t job);
    void store_failed(std::uint64_t job, const std::string& why);
    void passes(std::int64_t time);

    // What can be seen from outside.
    std::vector<std::string> take(int peer);
    std::vector<std::uint64_t> persisted, forgotten;
    [[nodiscard]] std::size_t running() const { return count(true); }
    [[nodiscard]] std::size_t queued() const { return count(false); }
    [[nodiscard]] std::uint64_t jobs_made() const { return next_job_ - 1; }
    /// The jobs that `peer` works on.
    [[nodiscard]] std::vector<std::uint64_t> jobs_of(int peer) const {
        std::vector<std::uint64_t> theirs;
        for (const auto& j : jobs_) {
            if (j.at == phase::running && j.worker == peer) theirs.push_back(j.id);
        }
        return theirs;
    }

  private:
    enum class phase { uncommitted, scheduled, ready, running };
    enum class kept { no, storing, yes };
    struct listener {
        int peer = 0;
        bool background = false;
        std::optional<std::uint64_t> ticket;
    };
    struct job {
        std::uint64_t id = 0;
        words what;
        bool background = false;
        kept record = kept::no;
        phase at = phase::ready;
        std::uint64_t turn = 0;  ///< of becoming ready, or of starting to run
        int worker = 0;
        std::optional<std::int64_t> deadline;
        std::string numerator = "0", denominator = "0";
        bool discarded = false;
        int retries = 0;
        std::vector<listener> listeners;
    };
    struct skill {
        std::string function;
        std::optional<std::int64_t> timeout;
        std::uint64_t turn = 0;  ///< of falling asleep with it
    };
    struct reply {
        std::uint64_t ticket = 0;
        std::optional<std::string> line;
    };
    struct peer_state {
        std::vector<skill> skills;
        std::size_t next_skill = std::size_t(0) - 1;  ///< what is behind the last one means the last one
        bool asleep = false;
        bool grab_is_open = false;
        std::string woken_for;
        std::int64_t patience_ends = 0;
        std::uint64_t woken_turn = 0;
        bool exceptions = false;
        std::uint64_t excepted = 0;
        std::vector<reply> replies;
    };

    static std::string handle(std::uint64_t id) { return "H:" + std::to_string(id); }
    void say(int peer, std::string line) { peers_[peer].replies.push_back({0, std::move(line)}); }
    std::uint64_t hold(int peer) {
        peers_[peer].replies.push_back({++turn_, std::nullopt});
        return turn_;
    }
    void settle(int peer, std::uint64_t ticket, const std::string& line) {
        for (auto& r : peers_[peer].replies) {
            if (r.ticket == ticket) r.line = line;
        }
    }

    job* find(std::uint64_t id) {
        for (auto& j : jobs_) {
            if (j.id == id) return &j;
        }
        return nullptr;
    }
    void erase(std::uint64_t id) {
        std::erase_if(jobs_, [&](const job& j) { return j.id == id; });
    }
    [[nodiscard]] std::size_t count(bool running) const {
        return static_cast<std::size_t>(std::count_if(
            jobs_.begin(), jobs_.end(), [&](const job& j) { return (j.at == phase::running) == running; }));
    }
    static bool wanted(const job& j) {
        return j.background ||
               std::any_of(j.listeners.begin(), j.listeners.end(), [](const listener& l) { return !l.background; });
    }
    [[nodiscard]] std::size_t ready(const std::string& function) const {
        return static_cast<std::size_t>(std::count_if(jobs_.begin(), jobs_.end(), [&](const job& j) {
            return j.at == phase::ready && j.what.function == function;
        }));
    }
    job* next_ready(const std::string& function);
    std::optional<std::size_t> best_skill(const peer_state& p);
    bool hand_job(peer_state& p, int peer, grab_kind kind);
    void wake(const std::string& function);
    void count_on(peer_state& p, const std::string& function);
    void stop_sleeping(int peer);
    void come_to_rest(int peer);
    void make_ready(job& j);
    void make_ready_by_age(job& j);
    void become_due(job& j, std::int64_t run_at);
    void acknowledge_all(job& j);
    void settle_ended(job& j);
    void end(std::uint64_t id);
    void tell(const job& j, const std::string& line);
    void fail(std::uint64_t id);
    void give_back(std::uint64_t id);
    void give_back_all(int peer, const std::string* function);
    void drop_skill(int peer, std::size_t position);

    settings how_;
    std::map<int, peer_state> peers_;
    std::vector<job> jobs_;
    std::map<std::uint64_t, std::vector<std::pair<int, std::uint64_t>>> ended_;  ///< before the store had answered
    std::uint64_t next_job_ = 1, turn_ = 0;
    std::int64_t now_ = 0;
};

}  // namespace sheaf::test
