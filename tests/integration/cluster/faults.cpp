// A program whose handlers fail, and whose driver does what tests of whole programs need.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <mutex>
#include <signal.h>
#include <span>
#include <string>
#include <unistd.h>

#include "integration/cluster/faults_tasks.hpp"
#include <sheaf/sheaf.hpp>

namespace {

using namespace sheaf::test;

void throw_nested() {
    try {
        throw std::out_of_range("the inner reason");
    } catch (...) {
        std::throw_with_nested(std::runtime_error("the outer reason"));
    }
}

unsigned crash_until(const sheaf::context& call, unsigned last) {
    if (call.attempt() <= last) {
        std::fprintf(stderr, "attempt %u crashes\n", call.attempt());
        ::signal(SIGSEGV, SIG_DFL);  // a sanitizer's handler would make it an exit
        ::raise(SIGSEGV);
    }
    return call.attempt();
}

[[noreturn]] void never_return() {
    for (;;) ::pause();
}

void wait_until_stopped(const sheaf::context& call) {
    const auto token = call.stop_token();
    while (!token.stop_requested()) ::usleep(1000);
}

std::string environment_of_a_child() {
    const std::unique_ptr<FILE, int (*)(FILE*)> output(
        ::popen("echo \"${SHEAF_ROLE-none} ${SHEAF_SUPERVISED_BY-none}\"", "r"), ::pclose);
    char line[100]{};
    if (!output || std::fgets(line, sizeof line, output.get()) == nullptr) return "no output";
    return line;
}

void bind_all(sheaf::app& app) {
    app.bind(square, [](int x) { return long{x} * x; });
    app.bind(refuse, [](int day) {
        not_today error("not today");
        error.until_day = day;
        throw error;
    });
    app.bind(nest, throw_nested);
    app.bind(crash, crash_until);
    app.bind(hang, never_return);
    app.bind(wait_for_stop, wait_until_stopped);
    app.bind(process_id, [] { return static_cast<int>(::getpid()); });
    app.bind(show_environment, environment_of_a_child);
    app.bind(draw, [](const std::vector<shape>& shapes) { return std::to_string(shapes.size()) + " shapes"; });
}

// Bound nowhere.
inline constexpr sheaf::task<"faults.forgotten", void()> forgotten{};

// For a test that waits for the line.
void announce(const std::string& line) { std::cout << line << std::endl; }

int drive(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    const std::string what = arguments.empty() ? "" : arguments[0];
    announce(what + " " + std::to_string(cluster.call(square(3))));
    if (what == "wait") cluster.call(wait_for_stop());
    if (what == "forget") cluster.call(forgotten());
    if (what == "throw") cluster.call(nest());
    if (what == "crash") announce(std::to_string(cluster.call(crash(2), {.retry = sheaf::retry{3}})));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    sheaf::app app{"faults"};
    bind_all(app);
    return app.run(argc, argv, drive);
}
