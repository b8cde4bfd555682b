// sheafd: the job server as a program.
#include <cstdio>
#include <exception>
#include <malloc.h>
#include <optional>
#include <string>
#include <string_view>

#include "apps/queue_handover.hpp"
#include "apps/sheafd_options.hpp"
#include "apps/sheafd_process.hpp"
#include "apps/sheafd_signals.hpp"
#include "base/failure_text.hpp"
#include "base/log.hpp"
#include "base/standard_descriptors.hpp"
#include "sheaf/runtime/error.hpp"
#include "sheaf/runtime/server.hpp"

namespace {

using sheaf::apps::log_target;
using sheaf::apps::verbosity;

constexpr int exit_failure = 1;
constexpr int exit_unwritten = 74;  // there was no room on the disk for what has been done

spdlog::level::level_enum level_of(verbosity verbose) {
    switch (verbose) {
        case verbosity::fatal:
        case verbosity::alert:
        case verbosity::critical: return spdlog::level::critical;
        case verbosity::error: return spdlog::level::err;
        case verbosity::warning: return spdlog::level::warn;
        case verbosity::notice:
        case verbosity::info: return spdlog::level::info;
        case verbosity::debug: return spdlog::level::debug;
    }
    return spdlog::level::info;
}

void start_log(const sheaf::apps::sheafd_options& how) {
    switch (how.log) {
        case log_target::standard_error: break;
        case log_target::file: sheaf::log::to_file(how.log_file); break;
        case log_target::syslog: sheaf::log::to_syslog(); break;
        case log_target::nowhere: sheaf::log::to_nowhere(); break;
    }
    spdlog::set_level(level_of(how.verbose));
    for (const std::string& warning : how.warnings) spdlog::warn(warning);
    for (const std::string& notice : how.notices) spdlog::info(notice);
}

// A large payload lives for a moment. Memory that is mapped for each and given back costs a fault per page, which is a
// quarter of what a job with a megabyte costs.
void keep_freed_memory() {
    constexpr int kept_bytes_max = 32 << 20;
    ::mallopt(M_MMAP_THRESHOLD, kept_bytes_max);
    ::mallopt(M_TRIM_THRESHOLD, kept_bytes_max);
}

// For scripts and tests: exactly one line, when connections are accepted.
void announce(const sheaf::runtime::server& server) {
    std::string all;
    for (const auto& where : server.endpoints()) all += (all.empty() ? "" : " ") + to_string(where);
    for (const auto& where : server.http_endpoints()) {
        all += (&where == &server.http_endpoints().front() ? ", by HTTP on " : " ") + to_string(where);
    }
    std::printf("sheafd ready on %s\n", all.c_str());
    std::fflush(stdout);
}

void say_what_is_kept(const sheaf::runtime::server_options& how) {
    using sheaf::runtime::durability;
    if (!how.keeps_jobs()) {
        spdlog::info("background jobs are in memory: they go with this process");
    } else {
        spdlog::info("background jobs are in {}: {}", how.data_directory,
                     how.kept == durability::full ? "no crash loses what is acknowledged"
                                                  : "a crash loses the last moment's jobs");
    }
}

// Returns when the server has ended and its queue is closed.
void serve(const sheaf::apps::sheafd_options& how, std::optional<sheaf::apps::daemon_life>& background) {
    std::optional<sheaf::apps::queue_handover> handover;
    if (!how.user.empty() && how.server.keeps_jobs()) handover.emplace(how.server.data_directory, how.user);
    sheaf::runtime::server server(how.server);
    const sheaf::apps::pid_file pid(how.pid_file);
    if (handover) handover->give();
    if (!how.user.empty()) sheaf::apps::become_user(how.user);
    if (how.core_dumps) sheaf::apps::allow_core_dumps();
    const sheaf::apps::signal_waiter signals({
        .stop =
            [&] {
                spdlog::info("stopping when the running jobs have ended; signal again to stop at once");
                server.stop();
            },
        .stop_now = [&] { server.stop_now(); },
        .drain =
            [&] {
                spdlog::info("stopping when the running jobs have ended");
                server.drain();
            },
        .reopen_log = sheaf::log::reopen,
    });
    say_what_is_kept(how.server);
    announce(server);
    if (background) background->ready();
    server.run();
}

int run(sheaf::apps::sheafd_options how) {
    std::optional<sheaf::apps::daemon_life> background;
    if (how.daemon) background.emplace();
    start_log(how);
    sheaf::apps::limit_descriptors(how.descriptors_max);
    keep_freed_memory();
    int exit_code = 0;
    how.server.on_unwritten_ends = [&](std::size_t) { exit_code = exit_unwritten; };
    serve(how, background);
    spdlog::info("stopped");
    return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
    sheaf::open_closed_standard_descriptors();
    sheaf::log::start("sheafd");
    try {
        int exit_code = 0;
        const auto how = sheaf::apps::parse_sheafd_options(argc, argv, exit_code);
        if (!how) return exit_code;
        return run(*how);
    } catch (const sheaf::runtime_failure& why) {
        std::fprintf(stderr, "sheafd: %s\n", sheaf::error_of(why).message.c_str());
        return exit_failure;
    } catch (const std::exception& why) {
        std::fprintf(stderr, "sheafd: %s\n", why.what());
        return exit_failure;
    }
}
