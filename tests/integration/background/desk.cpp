// A worker for tests of background jobs: see desk_tasks.hpp.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <span>
#include <string>

#include "integration/background/desk_tasks.hpp"
#include <sheaf/app.hpp>

namespace {

using namespace sheaf::test;

void make(const std::string& path) { std::ofstream file(path); }

int count_and_throw(sheaf::context& call, const std::string& path, int lines) {
    std::ofstream(path, std::ios::app) << call.attempt() << '\n';
    std::ifstream file(path);
    int seen = 0;
    for (std::string line; std::getline(file, line);) ++seen;
    if (seen >= lines) return seen;
    call.warn("line " + std::to_string(seen));
    not_yet why("not yet");
    why.seen = seen;
    throw why;
}

std::string hold_on(sheaf::context& call, const std::string& path) {
    call.progress(1, 3);
    make(path + ".begun");
    while (!call.stop_requested()) {
        if (std::filesystem::exists(path + ".go")) return "went";
        ::poll(nullptr, 0, 1);
    }
    make(path + ".stopped");
    return "stopped";
}

}  // namespace

int main(int argc, char** argv) {
    sheaf::app app{"desk"};
    app.bind(square, [](int x) { return long{x} * x; });
    app.bind(tally, count_and_throw);
    app.bind(fail, [](const std::string& what) { throw std::logic_error(what); });
    app.bind(crash, [] { std::abort(); });
    app.bind(hold, hold_on);
    return app.run(argc, argv, [](sheaf::cluster&, std::span<const std::string>) { return 0; });
}
