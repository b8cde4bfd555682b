// Jobs by HTTP: whatever comes, in whatever pieces, becomes the same jobs, and every job is one that a packet can hold. The
// answers are the same, too; but what is wrong with a request may be found sooner or later.
//
// The first byte says in what pieces the rest arrives.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/http_exchange.hpp"

namespace {

using namespace sheaf;

constexpr std::uint32_t body_bytes_max = 600;

void expect(bool holds) {
    if (!holds) std::abort();
}

/// A peer whose jobs are done at once, and who reads at once.
class dialogue : private server::http_surroundings {
  public:
    struct record {
        std::string jobs;
        std::string answers;
        bool is_refused = false;
    };

    // All that is submitted and answered when `bytes` come in pieces of `step`.
    record hold(std::string_view bytes, std::size_t step) {
        while (!bytes.empty() && !closed_) {
            exchange_.received(bytes.substr(0, step), now_);
            bytes.remove_prefix(std::min(step, bytes.size()));
            while (work() || read()) {
            }
        }
        return all_;
    }

  private:
    void submit(const protocol::packet_view& packet) override {
        const auto names_hold = [](std::string_view name) {
            return name.find('\0') == std::string_view::npos && name.find('\n') == std::string_view::npos;
        };
        expect(names_hold(packet[0]) && names_hold(packet[1]) && !packet[0].empty());
        expect(packet.data.size() <= body_bytes_max);
        expect(!has_job_);
        has_job_ = true;
        for (const std::string_view part : {packet[0], packet[1], packet.data}) all_.jobs.append(part).append("|");
    }
    protocol::output_buffer& wire() override { return out_; }
    void close_after_flush(std::string) override { closed_ = true; }
    void cut(std::string) override { closed_ = true; }

    bool work() {
        if (!std::exchange(has_job_, false)) return false;
        protocol::packet_view said;
        said.arguments[0] = "H:1";
        said.type = protocol::packet_type::job_created;
        exchange_.packet(said, now_);
        said.type = protocol::packet_type::work_complete;
        said.data = "done";
        exchange_.packet(said, now_);
        return true;
    }
    bool read() {
        if (out_.empty()) return false;
        std::string sent;
        while (!out_.empty()) {
            std::string_view piece;
            (void)out_.gather({&piece, 1});
            sent += piece;
            out_.consume(piece.size());
        }
        // Who sends its body without having been told to is not told to.
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        if (sent.starts_with(go_on)) sent.erase(0, go_on.size());
        expect(sent.empty() || (sent.starts_with("HTTP/1.1 ") && sent.find("\r\n\r\n") != std::string::npos));
        all_.answers += sent;
        all_.is_refused |= sent.starts_with("HTTP/1.1 4") || sent.starts_with("HTTP/1.1 5");
        exchange_.drained(now_);
        return true;
    }

    server::http_exchange::instant now_{};
    protocol::output_buffer out_;
    record all_;
    bool has_job_ = false;
    bool closed_ = false;
    server::http_exchange exchange_{*this, body_bytes_max, now_};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = dialogue().hold(bytes, bytes.size());
    const auto pieces = dialogue().hold(bytes, std::size_t{data[0]} + 1);
    expect(pieces.jobs == whole.jobs);
    expect(pieces.is_refused || whole.is_refused || pieces.answers == whole.answers);
    return 0;
}
