// Serves the tasks and plans of the tests of detached runs; and, as a driver, detaches a run and takes what it gives:
// ID NUMBER FILE.
#include <condition_variable>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <signal.h>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>

#include "integration/pipeline/detached_tasks.hpp"
#include <sheaf/app.hpp>

namespace {

// One write to a file that is open for appending goes to its end as a whole.
void note(std::string_view task, std::uint64_t number) {
    const char* const path = std::getenv(sheaf::test::notes_variable);
    if (path == nullptr) return;
    const int file = ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    const std::string line = std::string(task) + ' ' + std::to_string(number) + ' ' + std::to_string(::getpid()) + '\n';
    if (file < 0 || ::write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        throw std::runtime_error("the notes cannot be written");
    }
    ::close(file);
}

int drive(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    const auto run = cluster.detach(sheaf::test::sum_of_squares(), std::stoull(arguments[1]), {.id = arguments[0]});
    const std::uint64_t sum = run.get({.taker = "client"});
    const std::string unfinished = arguments[2] + ".unfinished";
    std::ofstream(unfinished) << sum;
    std::filesystem::rename(unfinished, arguments[2]);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace sheaf::test;
    sheaf::app app{"detached_program"};
    app.bind(spread_numbers, [](std::uint64_t below) {
        note("spread", below);
        std::vector<std::uint64_t> numbers;
        for (std::uint64_t number = 0; number < below; ++number) numbers.push_back(number);
        return numbers;
    });
    app.bind(square_number, [](std::uint64_t number) {
        note("square", number);
        return number * number;
    });
    app.bind(add_numbers, [](const std::vector<std::uint64_t>& numbers) {
        note("add", numbers.size());
        std::uint64_t sum = 0;
        for (const std::uint64_t one : numbers) sum += one;
        return sum;
    });
    app.bind(halve_number, [](std::uint64_t number) {
        if (number == 1000) ::raise(SIGKILL);
        if (number % 2 != 0) throw std::runtime_error(std::to_string(number) + " is odd\nand odd again");
        return number / 2;
    });
    app.bind(linger, [](sheaf::context& context, std::uint64_t number) {
        note("linger", number);
        std::mutex mutex;
        std::unique_lock held(mutex);
        std::condition_variable_any().wait(held, context.stop_token(), [] { return false; });
        note("stopped", number);
        return number;
    });
    app.bind(lingering());
    app.bind(sum_of_squares());
    app.bind(halves());
    return app.run(argc, argv, drive);
}
