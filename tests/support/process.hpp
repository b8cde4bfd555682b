// A child process of a test: its output is read with deadlines, and it never outlives the test.
#pragma once

#include <climits>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <signal.h>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "support/deadline.hpp"

namespace sheaf::test {

/// The path of one of our programs, such as "sheafd".
inline std::string program(const std::string& name) {
    const char* directory = std::getenv("SHEAF_BIN_DIR");
    return (directory != nullptr ? std::string(directory) : std::string(SHEAF_BIN_DIR)) + "/" + name;
}

/// A file descriptor with one owner.
class unique_fd {
  public:
    unique_fd() = default;
    explicit unique_fd(int fd) : fd_(fd) {}
    unique_fd(unique_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    unique_fd& operator=(unique_fd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~unique_fd() { reset(); }

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
    void reset() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

  private:
    int fd_ = -1;
};

/// What to start and how.
struct command {
    std::vector<std::string> arguments;    ///< the program first; without a slash it is looked up in PATH
    std::vector<std::string> environment;  ///< "NAME=value", in addition to (or in place of) the test's own
};

/// A running child. Its end is awaited by wait(), or forced by the destructor. It is also killed when the thread that
/// started it ends, so start it on the test's main thread.
class process {
  public:
    explicit process(command what) {
        auto [in_read, in_write] = make_pipe();
        auto [out_read, out_write] = make_pipe();
        errors_ = unique_fd(::memfd_create("stderr", MFD_CLOEXEC));
        if (!errors_) throw_errno("memfd_create");
        pid_ = spawn(what, in_read.get(), out_write.get(), errors_.get());
        pid_fd_ = unique_fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
        if (!pid_fd_) throw_errno("pidfd_open");
        input_ = std::move(in_write);
        output_ = std::move(out_read);
    }
    explicit process(std::vector<std::string> arguments) : process(command{std::move(arguments), {}}) {}
    process(const process&) = delete;
    process& operator=(const process&) = delete;
    ~process() {
        if (status_) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    void send_signal(int number) const {
        if (!status_) ::kill(pid_, number);
    }

    /// The next line of standard output, without its newline. Empty at the end of the output; throws when nothing comes.
    std::optional<std::string> read_line(std::chrono::milliseconds limit = patience) {
        const deadline until(limit);
        for (;;) {
            if (const auto end = buffer_.find('\n'); end != std::string::npos) {
                std::string line = buffer_.substr(0, end);
                buffer_.erase(0, end + 1);
                return line;
            }
            if (!read_more(until)) break;
        }
        if (buffer_.empty()) return std::nullopt;
        return std::exchange(buffer_, {});
    }
    /// Everything that is left of standard output, up to its end.
    std::string read_all(std::chrono::milliseconds limit = patience) {
        const deadline until(limit);
        while (read_more(until)) {
        }
        return std::exchange(buffer_, {});
    }
    /// What has been written to standard error so far.
    [[nodiscard]] std::string error_output() const {
        std::string text;
        char block[4096];
        for (;;) {
            const ssize_t n = ::pread(errors_.get(), block, sizeof block, static_cast<off_t>(text.size()));
            if (n <= 0) return text;
            text.append(block, static_cast<std::size_t>(n));
        }
    }

    /// Writes to standard input. The child must read it, or be gone.
    void write(std::string_view text) const {
        const deadline until(patience);
        while (!text.empty()) {
            if (!until.wait(input_.get(), POLLOUT)) throw peer_failure("the child does not read its input");
            const ssize_t n = ::write(input_.get(), text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
            if (n < 0) throw_errno("write to a child");
            text.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    void close_input() { input_.reset(); }
    /// Nobody reads standard output any more: who writes to it gets SIGPIPE.
    void close_output() { output_.reset(); }

    /// The exit code, or 128 + the number of the signal that ended it. Empty when it still runs after `limit`.
    std::optional<int> wait(std::chrono::milliseconds limit = patience) {
        if (!status_) {
            if (!deadline(limit).wait(pid_fd_.get(), POLLIN)) return std::nullopt;
            int status = 0;
            if (::waitpid(pid_, &status, 0) != pid_) throw_errno("waitpid");
            status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        }
        return status_;
    }

  private:
    static std::pair<unique_fd, unique_fd> make_pipe() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("pipe2");
        return {unique_fd(ends[0]), unique_fd(ends[1])};
    }

    // fork and not posix_spawn, which cannot ask for the signal at the parent's death. Between fork and exec only
    // async-signal-safe functions are called: other threads may hold any lock.
    static pid_t spawn(command& what, int in, int out, int errors) {
        std::vector<char*> arguments;
        for (auto& argument : what.arguments) arguments.push_back(argument.data());
        arguments.push_back(nullptr);
        std::vector<char*> environment;
        for (auto& entry : what.environment) environment.push_back(entry.data());
        for (char** entry = environ; *entry != nullptr; ++entry) {
            const std::string_view text(*entry);
            const auto same_name = [&](const std::string& ours) {
                return ours.starts_with(text.substr(0, text.find('=') + 1));
            };
            if (std::ranges::none_of(what.environment, same_name)) environment.push_back(*entry);
        }
        environment.push_back(nullptr);
        const pid_t parent = ::getpid();
        const pid_t child = ::fork();
        if (child < 0) throw_errno("fork");
        if (child > 0) return child;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(127);
        ::dup2(in, STDIN_FILENO);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(errors, STDERR_FILENO);
        ::execvpe(arguments[0], arguments.data(), environment.data());
        ::_exit(127);
    }

    bool read_more(const deadline& until) {
        if (!until.wait(output_.get(), POLLIN))
            throw peer_failure("nothing came from the child; it said: " + error_output());
        char block[4096];
        const ssize_t n = ::read(output_.get(), block, sizeof block);
        if (n < 0) throw_errno("read from a child");
        buffer_.append(block, static_cast<std::size_t>(n));
        return n > 0;
    }

    pid_t pid_ = -1;
    unique_fd pid_fd_, input_, output_, errors_;
    std::string buffer_;
    std::optional<int> status_;
};

}  // namespace sheaf::test
