// What a handler may know and do while it runs a call.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>

namespace sheaf {

class cluster;

namespace detail {

class invocation;

/// Its address stands for the type T.
template <class T>
inline char state_key = 0;

}  // namespace detail

/// Taken by reference as a handler's first parameter, if it wants it. Lives as long as the call. Any thread of the handler,
/// except where something else is said.
///
///     app.bind(resize, [](sheaf::context& call, picture original, int width) {
///         for (int y = 0; y < rows && !call.stop_requested(); ++y) {
///             ...
///             call.progress(y, rows);
///         }
///         return small;
///     });
class context {
  public:
    explicit context(detail::invocation& of) noexcept : of_(&of) {}

    /// Fires when the call should stop: its time is up, its caller cancelled it, or the worker ends. A handler that goes on
    /// for longer than the worker's stop grace (SHEAF_STOP_GRACE, 2 s) is ended with its process.
    [[nodiscard]] std::stop_token stop_token() const;
    [[nodiscard]] bool stop_requested() const;
    /// Which try at this call it is, from 1, as far as this worker's supervisor knows. Of a background job, the server is asked,
    /// which counts them: that may take a round trip, the first time.
    [[nodiscard]] unsigned attempt() const;
    /// The server's handle of the job.
    [[nodiscard]] std::string_view handle() const;
    /// How long this attempt may still take, if the caller set an attempt_timeout; 0 when that is over.
    [[nodiscard]] std::optional<std::chrono::milliseconds> time_left() const;

    /// Tells the caller how far it is: `done` of `total`. May be called as often as one likes: ten times a second, and when
    /// all is done, it is sent.
    void progress(std::uint64_t done, std::uint64_t total);
    /// Sends the caller a line of text that it may show.
    void warn(std::string_view text);
    /// Writes a line, with the program, the task and the job in front, to the worker's standard error.
    void log(std::string_view line);

    /// The T that this slot has, made by app::slot_state<T>() at its first use: one handler at a time has it. Throws
    /// std::logic_error when the app declares none. On the handler's own thread.
    ///     app.slot_state<model>([] { return model::load("weights.bin"); });
    ///     app.bind(classify, [](sheaf::context& call, image what) { return call.state<model>().classify(what); });
    template <class T>
    [[nodiscard]] T& state() const {
        return *static_cast<T*>(state(&detail::state_key<T>));
    }
    /// For calls of other tasks: a cluster with the worker's own servers. While the handler waits for them, its slot runs
    /// other jobs, so that a task may even call itself. Calls that it waits for are cancelled when it should stop. Throws
    /// std::logic_error in a test that runs the handler without a worker.
    ///     app.bind(fib, [](sheaf::context& call, int n) -> long {
    ///         if (n < 2) return n;
    ///         auto one = call.cluster().submit(fib(n - 1));
    ///         return call.cluster().call(fib(n - 2)) + one.get();
    ///     });
    [[nodiscard]] sheaf::cluster& cluster() const;

  private:
    [[nodiscard]] void* state(const void* key) const;

    detail::invocation* of_;
};

}  // namespace sheaf
