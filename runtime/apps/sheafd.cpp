// sheafd: the job server as a program.
#include <cstdio>
#include <exception>
#include <fstream>
#include <malloc.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>

#include "apps/sheafd_options.hpp"
#include "apps/sheafd_signals.hpp"
#include "base/log.hpp"
#include "base/standard_descriptors.hpp"
#include "sheaf/runtime/error.hpp"
#include "sheaf/runtime/server.hpp"

namespace {

using sheaf::apps::verbosity;

constexpr int exit_failure = 1;

spdlog::level::level_enum level_of(verbosity verbose) {
    switch (verbose) {
        case verbosity::quiet: return spdlog::level::err;
        case verbosity::normal: return spdlog::level::info;
        case verbosity::chatty: return spdlog::level::debug;
    }
    return spdlog::level::info;
}

// Each connection is a descriptor, and the usual soft limit is 1024.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) spdlog::warn("the limit of open files could not be raised");
}

// A large payload lives for a moment. Memory that is mapped for each and given back costs a fault per page, which is a
// quarter of what a job with a megabyte costs.
void keep_freed_memory() {
    constexpr int kept_bytes_max = 32 << 20;
    ::mallopt(M_MMAP_THRESHOLD, kept_bytes_max);
    ::mallopt(M_TRIM_THRESHOLD, kept_bytes_max);
}

void write_pid_file(const std::string& path) {
    if (path.empty()) return;
    std::ofstream file(path);
    file << ::getpid() << '\n';
    file.flush();
    if (!file) spdlog::warn("the process id could not be written to {}", path);
}

// For scripts and tests: exactly one line, when connections are accepted.
void announce(const std::vector<sheaf::endpoint>& endpoints) {
    std::string all;
    for (const auto& where : endpoints) all += (all.empty() ? "" : " ") + to_string(where);
    std::printf("sheafd ready on %s\n", all.c_str());
    std::fflush(stdout);
}

// std::system_error puts the code's name behind the sentence, which tells a person nothing more.
std::string without_code(const sheaf::runtime_failure& why) {
    std::string_view text = why.what();
    const std::string code = ": " + why.code().message();
    if (text.ends_with(code)) text.remove_suffix(code.size());
    return std::string(text);
}

int serve(const sheaf::apps::sheafd_options& how) {
    raise_descriptor_limit();
    keep_freed_memory();
    sheaf::runtime::server server(how.server);
    const sheaf::apps::stop_signals signals(
        [&] {
            spdlog::info("stopping when the running jobs have ended; signal again to stop at once");
            server.stop();
        },
        [&] { server.stop_now(); });
    write_pid_file(how.pid_file);
    announce(server.endpoints());
    server.run();
    spdlog::info("stopped");
    if (!how.pid_file.empty()) ::unlink(how.pid_file.c_str());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    sheaf::open_closed_standard_descriptors();
    sheaf::log::start("sheafd");
    try {
        int exit_code = 0;
        const auto how = sheaf::apps::parse_sheafd_options(argc, argv, exit_code);
        if (!how) return exit_code;
        spdlog::set_level(level_of(how->verbose));
        return serve(*how);
    } catch (const sheaf::runtime_failure& why) {
        std::fprintf(stderr, "sheafd: %s\n", without_code(why).c_str());
        return exit_failure;
    } catch (const std::exception& why) {
        std::fprintf(stderr, "sheafd: %s\n", why.what());
        return exit_failure;
    }
}
