// What the broker costs by itself: processor time per job without any I/O, and memory per queued job.

#include <cstdio>
#include <malloc.h>
#include <string>
#include <time.h>
#include <vector>

#include "broker/core.hpp"
#include "broker/handle.hpp"
#include "protocol/encode.hpp"

namespace {

using namespace sheaf;
using protocol::packet_type;

constexpr std::uint64_t jobs = 1'000'000;

// Throws away what is said, and remembers what is to be stored.
class null_sink final : public broker::sink {
  public:
    protocol::output_buffer& frame(broker::connection_id) override {
        if (out_.size() > 64 * 1024) out_.clear();
        return out_;
    }
    void persist(const broker::job_record& record) override { waiting.push_back(record.id); }
    void forget(broker::job_id) override {}
    void close(broker::connection_id, std::string_view) override {}

    std::vector<broker::job_id> waiting;

  private:
    protocol::output_buffer out_;
};

class bench {
  public:
    bench() : core_({.handle_prefix = "H:bench:"}, sink_) {
        for (std::uint32_t id = 0; id < 2; ++id) core_.connected(broker::connection_id{id}, "bench", 0);
        send(worker_, packet_type::can_do, {"reverse"});
    }

    void send(broker::connection_id from, packet_type type, std::initializer_list<std::string_view> words = {},
              std::string_view data = {}) {
        protocol::packet_view packet;
        packet.type = type;
        std::size_t i = 0;
        for (const std::string_view word : words) packet.arguments[i++] = word;
        packet.data = data;
        core_.packet(from, packet, now_);
    }
    void submit(packet_type type, std::string_view unique, std::string_view data) {
        send(client_, type, {"reverse", unique}, data);
    }
    void work() {
        send(worker_, packet_type::grab_job_all);
        send(worker_, packet_type::work_complete, {broker::handle_text("H:bench:", broker::job_id{++done_})}, "result");
    }
    void store_all() {
        for (const broker::job_id job : sink_.waiting) core_.stored(job, now_);
        sink_.waiting.clear();
    }
    [[nodiscard]] std::size_t queued() const { return core_.count().queued; }

  private:
    null_sink sink_;
    broker::core core_;
    broker::instant now_{};
    std::uint64_t done_ = 0;
    broker::connection_id client_{0};
    broker::connection_id worker_{1};
};

// Not the wall clock: neighbours on the machine must not count.
double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class Body>
void measure(const char* what, Body&& body) {
    const double start = processor_seconds();
    body();
    const double took = processor_seconds() - start;
    std::printf("%-60s %6.0f ns per job\n", what, took * 1e9 / static_cast<double>(jobs));
}

std::string key(std::uint64_t i) {
    char text[37];
    std::snprintf(text, sizeof text, "%08x-0000-4000-8000-000000000000", static_cast<unsigned>(i));
    return text;
}

void round_trips() {
    bench b;
    measure("foreground: submit, grab, complete", [&] {
        for (std::uint64_t i = 0; i < jobs; ++i) {
            b.submit(packet_type::submit_job, "", "hello");
            b.work();
        }
    });
}

void background_batches() {
    bench b;
    measure("background in batches of 100: submit, commit, grab, complete", [&] {
        for (std::uint64_t i = 0; i < jobs; i += 100) {
            for (int k = 0; k < 100; ++k) b.submit(packet_type::submit_job_bg, "", "hello");
            b.store_all();
            for (int k = 0; k < 100; ++k) b.work();
        }
    });
}

void backlog(bool keyed) {
    bench b;
    const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    measure(keyed ? "backlog of a million with unique keys of 36 bytes: submit"
                  : "backlog of a million without keys: submit",
            [&] {
                for (std::uint64_t i = 0; i < jobs; ++i) {
                    b.submit(packet_type::submit_job_bg, keyed ? key(i) : std::string(), "hello");
                    if (i % 100 == 99) b.store_all();
                }
                b.store_all();
            });
    const std::size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    std::printf("%-60s %6.0f bytes per job\n", "  memory, payload of 5 bytes included",
                static_cast<double>(after - before) / static_cast<double>(b.queued()));
    measure("  grab, complete", [&] {
        for (std::uint64_t i = 0; i < jobs; ++i) b.work();
    });
}

}  // namespace

int main() {
    round_trips();
    background_batches();
    backlog(false);
    backlog(true);
    return 0;
}
