// A program whose handlers die, dawdle and wait.
#include <chrono>
#include <csignal>
#include <fstream>
#include <numeric>
#include <string>
#include <unistd.h>

#include "integration/scatter/scattered_tasks.hpp"
#include <sheaf/sheaf.hpp>

namespace {

using namespace sheaf::test;

long square_or_die(int n) {
    if (n != 0 && n % fragile_every == 0) std::raise(SIGKILL);
    return long{n} * n;
}

void wait_until_stopped(const sheaf::context& call, int /*n*/) {
    const auto token = call.stop_token();
    while (!token.stop_requested()) ::usleep(1000);
}

void record(const std::string& file, const char* what) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto time = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    // One write, so that lines of several processes do not mix.
    std::ofstream(file, std::ios::app) << what + (' ' + std::to_string(time)) + '\n';
}

void wait_and_record(const sheaf::context& call, const std::string& file) {
    record(file, "began");
    wait_until_stopped(call, 0);
    record(file, "stopped");
}

}  // namespace

int main(int argc, char** argv) {
    sheaf::app app{"scattered"};
    app.bind(fragile, square_or_die);
    app.bind(square, [](int n) {
        if (n % 2 != 0) throw odd(std::to_string(n));
        return long{n} * n;
    });
    app.bind(half, [](int n) {
        if (n % 2 == 0) return n / 2;
        indivisible why("there is no half");
        why.number = n;
        throw why;
    });
    app.bind(nap, [](int milliseconds) {
        ::usleep(static_cast<useconds_t>(milliseconds) * 1000);
        return static_cast<int>(::getpid());
    });
    app.bind(wait_for_stop, wait_until_stopped);
    app.bind(recorded_wait, wait_and_record);
    app.bind(sum, [](const std::vector<long>& all) { return std::accumulate(all.begin(), all.end(), 0L); });
    app.bind(add, [](long a, long b) { return a + b; });
    return app.run(argc, argv, [](sheaf::cluster&, std::span<const std::string>) { return 0; });
}
