#include "timed_command.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <string_view>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sheaf::bench {
namespace {

std::uint64_t kib_held_by(const std::string& process) {
    std::ifstream status("/proc/" + process + "/status");
    std::uint64_t sum = 0;
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("RssAnon:") || line.starts_with("RssShmem:")) {
            sum += std::stoull(line.substr(line.find(':') + 1));
        }
    }
    return sum;
}

std::uint64_t kib_held_by_tree(const std::string& root) {
    std::uint64_t sum = kib_held_by(root);
    std::error_code ignored;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/" + root + "/task", ignored)) {
        std::ifstream children(thread.path() / "children");
        for (std::string child; children >> child;) sum += kib_held_by_tree(child);
    }
    return sum;
}

pid_t spawn(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
    std::vector<char*> argv;
    for (const std::string& one : arguments) argv.push_back(const_cast<char*>(one.c_str()));
    argv.push_back(nullptr);
    std::vector<char*> envp;
    for (const std::string& one : environment) envp.push_back(const_cast<char*>(one.c_str()));
    for (char** one = environ; *one != nullptr; ++one) envp.push_back(*one);
    envp.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = -1;
    const int why = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), envp.data());
    posix_spawn_file_actions_destroy(&actions);
    if (why != 0) throw std::runtime_error("cannot start " + arguments[0]);
    return child;
}

}  // namespace

command_cost run_timed(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
    const auto began = std::chrono::steady_clock::now();
    const pid_t child = spawn(arguments, environment);
    pollfd end{static_cast<int>(::syscall(SYS_pidfd_open, child, 0)), POLLIN, 0};
    std::uint64_t peak_kib = 0;
    while (::poll(&end, 1, 50) == 0) peak_kib = std::max(peak_kib, kib_held_by_tree(std::to_string(child)));
    int status = 0;
    rusage usage{};
    ::wait4(child, &status, 0, &usage);
    ::close(end.fd);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
    if (status != 0) throw std::runtime_error(arguments[0] + " failed with wait status " + std::to_string(status));
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return {wall.count(), seconds(usage.ru_utime) + seconds(usage.ru_stime), static_cast<double>(peak_kib) / 1024};
}

}  // namespace sheaf::bench
