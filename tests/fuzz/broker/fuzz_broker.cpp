// Whole sessions: any sequence of connections, packets, lines, answers of the store and time keeps the broker's beliefs
// consistent, and all that it says is well formed.
//
// The input is a program: one byte for the kind of event, then what the event needs. Words are mostly taken from a
// small dictionary, because random handles and function names never meet.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "broker/core.hpp"
#include "support/recording_sink.hpp"

namespace {

using namespace sheaf;
using protocol::packet_type;

constexpr std::uint32_t peers = 5;

class program {
  public:
    explicit program(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    [[nodiscard]] bool at_end() const { return bytes_.empty(); }
    std::uint8_t byte() {
        if (bytes_.empty()) return 0;
        const std::uint8_t first = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return first;
    }
    std::string raw() {
        const std::size_t size = std::min<std::size_t>(bytes_.size(), byte());
        const auto part = bytes_.first(std::min(size, bytes_.size()));
        bytes_ = bytes_.subspan(part.size());
        return {part.begin(), part.end()};
    }
    std::string word() {
        static constexpr std::array<std::string_view, 12> words = {"",      "-",    "f", "g", "key",     "exceptions",
                                                                   "sheaf", "1000", "0", "5", "1000060", "x"};
        const std::uint8_t kind = byte();
        if (kind < 64) return "H:" + std::to_string(kind % 16);
        if (kind < 240) return std::string(words[kind % words.size()]);
        if (kind < 250) return raw();
        return std::string(std::size_t{60} + byte() * std::size_t{2}, 'l');
    }

  private:
    std::span<const std::uint8_t> bytes_;
};

class session {
  public:
    explicit session(program input)
        : input_(input),
          core_({.handle_prefix = "H:", .job_retries = input_.byte() % 4 - 1, .worker_wakeup = input_.byte() % 3U},
                sink_) {}

    void run() {
        while (!input_.at_end()) {
            step();
            look();
        }
        for (std::uint32_t id = 0; id < peers; ++id) {
            leave(id);
            look();
        }
        SHEAF_ASSERT(core_.idle(), "without workers nothing runs");
    }

  private:
    [[nodiscard]] static broker::connection_id id_of(std::uint32_t peer) { return broker::connection_id{peer}; }
    [[nodiscard]] broker::job_id some_job() { return broker::job_id{input_.byte() % 16U}; }

    void step() {
        const std::uint8_t kind = input_.byte();
        const std::uint32_t peer = kind % peers;
        if (kind < 160) return packet(peer);
        if (kind < 200) return core_.stored(some_job(), now_);
        if (kind < 210) return core_.store_failed(some_job(), "no", now_);
        if (kind < 225) return pass();
        if (kind < 235) return leave(peer);
        if (kind < 245) return line(peer);
        if (kind < 254) return restore();
        core_.begin_drain(now_);
    }

    void arrive(std::uint32_t peer) {
        if (present_[peer]) return;
        present_[peer] = true;
        core_.connected(id_of(peer), "fuzz", static_cast<int>(peer));
    }

    void leave(std::uint32_t peer) {
        if (!present_[peer]) return;
        present_[peer] = false;
        core_.disconnected(id_of(peer), now_);
    }

    void packet(std::uint32_t peer) {
        arrive(peer);
        const auto type = static_cast<packet_type>(1 + input_.byte() % protocol::packet_table.size());
        std::string body;
        for (std::size_t i = 0; i < protocol::info(type).arguments; ++i) body += input_.word() + '\0';
        if (protocol::info(type).has_data) body += input_.word();
        const auto way = input_.byte() == 255 ? protocol::direction::response : protocol::direction::request;
        protocol::packet_view view;
        if (protocol::parse_packet(type, way, body, view)) core_.packet(id_of(peer), view, now_);
    }

    void line(std::uint32_t peer) {
        static constexpr std::array<std::string_view, 8> commands = {"status",    "workers",          "prioritystatus",
                                                                     "show jobs", "show unique jobs", "drop function ",
                                                                     "maxqueue ", "cancel job "};
        arrive(peer);
        std::string text(commands[input_.byte() % commands.size()]);
        if (text.ends_with(' ')) text += input_.word();
        if (text.starts_with("maxqueue")) text += " 2";
        core_.line(id_of(peer), text, now_);
    }

    void pass() {
        const auto time = std::chrono::milliseconds{input_.byte() * 20};
        now_.steady += time;
        now_.wall += time;
        core_.tick(now_);
        const auto next = core_.next_deadline();
        SHEAF_ASSERT(!next || *next > now_.steady, "what is due has been done");
    }

    void restore() {
        const auto job = some_job();
        const auto when = broker::wall_time{std::chrono::seconds{1'000'000 + input_.byte() % 10}};
        core_.restore({job, input_.word(), input_.word(), input_.word(), protocol::priority::normal, when,
                       shared_bytes(input_.word())},
                      now_);
    }

    void look() {
        core_.check_invariants();
        for (std::uint32_t peer = 0; peer < peers; ++peer) {
            const auto said = sink_.take(id_of(peer));
            SHEAF_ASSERT(present_[peer] || said.empty(), "nothing is said to those who are not there");
        }
    }

    program input_;
    test::recording_sink sink_;
    broker::core core_;
    broker::instant now_{broker::steady_time{std::chrono::hours{1}},
                         broker::wall_time{std::chrono::seconds{1'000'000}}};
    std::array<bool, peers> present_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    session(program({data, size})).run();
    return 0;
}
