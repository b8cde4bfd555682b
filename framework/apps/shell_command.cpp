#include "apps/shell_command.hpp"

#include <array>
#include <chrono>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect_pipe.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <boost/asio/write.hpp>

namespace sheaf::apps {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// What a command that is told to stop has for it.
constexpr std::chrono::seconds time_to_stop{1};

std::vector<std::string> environment_with(const std::vector<std::string>& more) {
    std::vector<std::string> all = more;  // getenv finds the first
    for (char** entry = environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
    return all;
}

/// A command that runs, with a loop of its own.
class running_command {
  public:
    explicit running_command(const shell_command& what) : what_(what), child_(start()) {}

    detail::exit_report run() {
        feed();
        read();
        ended_.async_wait(ended_.wait_read, [this](const error_code&) { finish(); });
        {
            const std::stop_callback stop(what_.stop, [this] { asio::post(context_, [this] { end(); }); });
            context_.run();
        }
        return child_.reap().value_or(detail::exit_report{.code = detail::exit_report::unknown});
    }

  private:
    detail::child_process start() {
        asio::readable_pipe their_input(context_);
        asio::writable_pipe their_output(context_);
        asio::connect_pipe(their_input, to_child_);
        asio::connect_pipe(from_child_, their_output);
        return detail::child_process({.program = "/bin/sh",
                                      .arguments = {"sh", "-c", what_.text},
                                      .environment = environment_with(what_.environment),
                                      .descriptors = {{their_input.native_handle(), STDIN_FILENO},
                                                      {their_output.native_handle(), STDOUT_FILENO}}});
    }

    // It may end without having read all.
    void feed() {
        const auto all = asio::buffer(what_.input.data(), what_.input.size());
        asio::async_write(to_child_, all, [this](const error_code&, std::size_t) {
            error_code ignored;
            to_child_.close(ignored);
        });
    }

    void read() {
        reads_ = true;
        from_child_.async_read_some(asio::buffer(room_), [this](const error_code& fault, std::size_t size) {
            reads_ = false;
            const bool goes_on = take(size);
            if (has_ended_) return drain(goes_on);
            if (goes_on && !fault) read();
        });
    }

    bool take(std::size_t size) {
        if (size == 0 || what_.on_output({room_.data(), size})) return true;
        end();
        return false;
    }

    // A read that is done already, or is called off here, comes first.
    void finish() {
        has_ended_ = true;
        if (!reads_) return drain(true);
        error_code ignored;
        from_child_.cancel(ignored);
    }

    // Takes what it has left. What it put into the background may keep the pipe open for ever.
    void drain(bool goes_on) {
        while (goes_on) {  // Asio has made our end non-blocking
            const ssize_t size = ::read(from_child_.native_handle(), room_.data(), room_.size());
            goes_on = size > 0 && take(static_cast<std::size_t>(size));
        }
        context_.stop();
    }

    void end() {
        child_.send_signal_to_group(SIGTERM);
        patience_.expires_after(time_to_stop);
        patience_.async_wait([this](const error_code& fault) {
            if (!fault) child_.send_signal_to_group(SIGKILL);
        });
    }

    const shell_command& what_;
    asio::io_context context_{1};
    asio::writable_pipe to_child_{context_};
    asio::readable_pipe from_child_{context_};
    detail::child_process child_;
    asio::posix::stream_descriptor ended_{context_, ::dup(child_.descriptor())};
    asio::steady_timer patience_{context_};
    std::array<char, 64 * 1024> room_{};
    bool reads_ = false;
    bool has_ended_ = false;
};

}  // namespace

detail::exit_report run_shell(const shell_command& what) { return running_command(what).run(); }

}  // namespace sheaf::apps
