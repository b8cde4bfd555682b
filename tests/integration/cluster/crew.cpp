// A program whose workers do what handlers alone do not: see crew_tasks.hpp. Hooks and periodic work write a line each to
// the file that CREW_LOG names.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fcntl.h>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <unistd.h>

#include <tbb/parallel_for.h>

#include "integration/cluster/crew_tasks.hpp"
#include <sheaf/sheaf.hpp>

namespace {

using namespace sheaf::test;
using namespace std::chrono_literals;

// In one write, because several processes do it.
void add_line(const std::string& file, const std::string& line) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    const std::string text = line + "\n";
    if (::write(descriptor, text.data(), text.size()) < 0) std::abort();
    ::close(descriptor);
}

void log_line(const std::string& line) {
    if (const char* const file = std::getenv("CREW_LOG")) add_line(file, line);
}

long fib_by_calls(const sheaf::context& call, int n) {
    if (n < 2) return n;
    auto one = call.cluster().submit(fib(n - 1));
    const long other = call.cluster().call(fib(n - 2));
    return one.get() + other;
}

int descend_by_calls(const sheaf::context& call, int depth) {
    return depth == 0 ? 0 : 1 + call.cluster().call(descend(depth - 1));
}

void wait_until_stopped(const sheaf::context& call, const std::string& file) {
    add_line(file, "begun");
    const auto token = call.stop_token();
    while (!token.stop_requested()) ::usleep(1000);
    add_line(file, "stopped");
}

void wait_in_call(const sheaf::context& call, const std::string& file) {
    try {
        call.cluster().call(wait_for_stop(file));
    } catch (const sheaf::cancelled&) {
        add_line(file, "cancelled");
    }
}

void hang_for_ever(const std::string& file) {
    add_line(file, "begun");
    for (;;) ::pause();
}

void block_for_ever(const sheaf::context& call, const std::string& file) {
    const std::stop_callback blocks(call.stop_token(), [] {
        for (;;) ::pause();
    });
    hang_for_ever(file);
}

int most_at_once() {
    static std::atomic<int> now{0};
    static std::atomic<int> most{0};
    const int mine = ++now;
    int seen = most.load();
    while (seen < mine && !most.compare_exchange_weak(seen, mine)) {
    }
    std::this_thread::sleep_for(5ms);  // so that others would have time to overlap
    --now;
    return most;
}

int threads_of_a_parallel_loop() {
    std::mutex door;
    std::set<std::thread::id> seen;
    tbb::parallel_for(0, 64, [&](int) {
        std::this_thread::sleep_for(1ms);  // so that idle threads would have time to join
        const std::lock_guard lock(door);
        seen.insert(std::this_thread::get_id());
    });
    return static_cast<int>(seen.size());
}

struct counter {
    int calls = 0;
};

}  // namespace

int main(int argc, char** argv) {
    sheaf::app app{"crew"};
    app.bind(square, [](int x) { return long{x} * x; });
    app.bind(process_id, [] { return static_cast<int>(::getpid()); });
    app.bind(fib, fib_by_calls);
    app.bind(descend, descend_by_calls);
    app.bind(wait_for_stop, wait_until_stopped);
    app.bind(wait_for_call, wait_in_call);
    app.bind(hang, hang_for_ever);
    app.bind(block_all, block_for_ever);
    app.slot_state<counter>();
    app.bind(count, [](const sheaf::context& call) { return call.state<counter>().calls++; });
    app.bind(rare, most_at_once, {.slots = 1});
    app.bind(threads, threads_of_a_parallel_loop);
    app.bind(numbers, [](sheaf::stream_writer<int>& out, int end) {
        for (int i = 0; i < end; ++i) {
            out.write(i);
            if (i % 100 == 99) ::usleep(1000);  // what is ahead of the reader waits at the server, however much it is
        }
    });
    app.on_worker_start([] { log_line("start"); });
    app.on_worker_stop([] { log_line("stop"); });
    if (std::getenv("CREW_LOG") != nullptr) app.every(1ms, [] { log_line("tick"); });
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string>) {
        return cluster.call(square(3)) == 9 ? 0 : 1;
    });
}
