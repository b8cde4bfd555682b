#include <chrono>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <mutex>
#include <poll.h>
#include <signal.h>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include "apps/find_program.hpp"
#include "apps/sheaf_commands.hpp"
#include "base/failure_text.hpp"
#include "base/printable.hpp"
#include "base/unique_fd.hpp"
#include "up/cluster_ownership.hpp"
#include "up/host.hpp"
#include "up/sweeper.hpp"

namespace sheaf::apps {
namespace {

namespace fs = std::filesystem;

// How long who detaches a cluster waits for it.
constexpr std::chrono::milliseconds detach_patience{60'000};

void say(const std::string& line) { std::fprintf(stderr, "sheaf up: %s\n", line.c_str()); }

[[noreturn]] void fail(const std::string& what) {
    throw runtime_failure({errc::io_error, what + ": " + std::generic_category().message(errno)});
}

std::string ready_text(const up_command& what, const up::cluster_state& state, const up::cluster_paths& paths) {
    const std::string name = name_option(what.name);
    std::string text = "sheaf up: cluster \"" + what.name + "\" is ready: " + std::to_string(state.workers) +
                       (state.workers == 1 ? " worker" : " workers") + " of " + sheaf::printable(state.program) + "\n";
    for (const endpoint& server : state.servers) text += "  server   " + to_string(server) + "\n";
    if (what.detach) text += "  log      " + paths.log.string() + "\n";
    text += "  use it   sheaf run" + name + " " + sheaf::shell_word(what.program.front()) + " ARGS...\n";
    text += std::string("  end it   ") + (what.detach ? "" : "Ctrl-C, or: ") + "sheaf down" + name + "\n";
    return text + "export SHEAF_SERVER=" + sheaf::shell_word(to_string(state.servers.front())) + "\n";
}

void write_all(int to, std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::write(to, text.data(), text.size());
        if (n <= 0) return;  // who listened has gone
        text.remove_prefix(static_cast<std::size_t>(n));
    }
}

unique_fd copy_of(int descriptor) { return unique_fd(::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)); }

// Speaks to who started the cluster: for ever or, when it is detached, until it is ready. Any thread.
class voice {
  public:
    /// From now on this process and its children write to `log`.
    void redirect(const fs::path& log) {
        const unique_fd file(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
        const unique_fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (!file || !nothing) fail("cannot open " + log.string());
        out_ = copy_of(STDOUT_FILENO);
        err_ = copy_of(STDERR_FILENO);
        ::dup2(nothing.get(), STDIN_FILENO);
        ::dup2(file.get(), STDOUT_FILENO);
        ::dup2(file.get(), STDERR_FILENO);
    }
    void announce(const std::string& text) {
        const std::lock_guard lock(mutex_);
        write_all(out_ ? out_.get() : STDOUT_FILENO, text);
    }
    void say(const std::string& line) {
        const std::string text = "sheaf up: " + line + "\n";
        const std::lock_guard lock(mutex_);
        write_all(STDERR_FILENO, text);
        if (err_) write_all(err_.get(), text);
    }
    /// Who started the cluster need not listen any longer.
    void hang_up() {
        const std::lock_guard lock(mutex_);
        out_.reset();
        err_.reset();
    }

  private:
    std::mutex mutex_;
    unique_fd out_;  // where they were before redirect()
    unique_fd err_;
};

std::string already_up(const std::string& name) {
    const std::string option = name_option(name);
    return "a cluster \"" + name + "\" is up already. Use it: sheaf run" + option +
           " PROGRAM; change its size: sheaf scale" + option + " N; end it: sheaf down" + option +
           "; or start another one: sheaf up --name OTHER PROGRAM";
}

// Becomes the cluster. `on_ready`, if there is one, is called when it can be used.
int host(const up_command& what, const std::string& program, const up::cluster_paths& paths,
         const std::function<void()>& on_ready) {
    ::signal(SIGPIPE, SIG_IGN);  // the cluster goes on when nobody reads what it says; its workers begin without this
    voice speaks;
    bool ready = false;
    try {
        const up::sweeper sweeper(paths);
        const auto ownership = up::cluster_ownership::take(paths);
        if (!ownership) {
            speaks.say(already_up(what.name));
            return exit_failed;
        }
        if (what.detach) speaks.redirect(paths.log);
        const int code = up::host_cluster({.paths = paths,
                                           .program = program,
                                           .arguments = what.program,
                                           .workers = what.workers,
                                           .slots = what.slots,
                                           .listen = what.listen,
                                           .grace = what.grace,
                                           .start_limit = what.start_limit,
                                           .on_ready =
                                               [&](const up::cluster_state& state) {
                                                   ready = true;
                                                   speaks.announce(ready_text(what, state, paths));
                                                   speaks.hang_up();
                                                   if (on_ready) on_ready();
                                               },
                                           .on_event = [&](const std::string& line) { speaks.say(line); }});
        if (what.detach && !ready) speaks.say("what the program had to say is in " + paths.log.string());
        return code;
    } catch (const runtime_failure& why) {
        speaks.say(error_of(why).message);
        return exit_failed;
    } catch (const std::exception& why) {
        speaks.say(why.what());
        return exit_failed;
    }
}

// Waits until the cluster in process `child` is ready or has ended. It writes a byte to `news` when it is ready.
int await_ready(pid_t child, const unique_fd& news, const up_command& what, const up::cluster_paths& paths) {
    pollfd polled{news.get(), POLLIN, 0};
    if (::poll(&polled, 1, static_cast<int>(detach_patience.count())) <= 0) {
        say("the cluster has been started, but its workers do not serve yet; see " + paths.log.string() +
            ", or end it: sheaf down" + name_option(what.name));
        return exit_timeout;
    }
    char byte = 0;
    if (::read(news.get(), &byte, 1) == 1) return exit_ok;
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) return WEXITSTATUS(status);  // it has said why
    say("the process that was to be the cluster has been killed; the log is " + paths.log.string());
    return exit_failed;
}

// There is one thread so far, so that a fork may go on as if nothing had happened.
int host_detached(const up_command& what, const std::string& program, const up::cluster_paths& paths) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("pipe2");
    const unique_fd news(ends[0]);
    unique_fd tell(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) fail("fork");
    if (child > 0) {
        tell.reset();
        return await_ready(child, news, what, paths);
    }
    ::setsid();
    return host(what, program, paths, [&tell] {
        write_all(tell.get(), "R");
        tell.reset();
    });
}

}  // namespace

int run_up(const up_command& what) {
    const auto paths = up::paths_of(what.name);
    if (!paths) {
        say(paths.error().message);
        return exit_usage;
    }
    const auto found = find_program(what.program.front());
    if (!found) {
        say(no_program(what.program.front()));
        return exit_failed;
    }
    const std::string program = fs::canonical(*found).string();
    return what.detach ? host_detached(what, program, *paths) : host(what, program, *paths, {});
}

}  // namespace sheaf::apps
