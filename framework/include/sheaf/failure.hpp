// Why a call has no result, as a value and as exceptions.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/runtime/error.hpp>

namespace sheaf {

/// Which of a call's clocks ran out, of errc::timeout and of workers that fell silent.
enum class call_clock : std::uint8_t { none, deadline, queue, attempt, heartbeat };

/// The word that call_options has for it, such as "attempt_timeout".
[[nodiscard]] std::string_view to_string(call_clock which) noexcept;

/// Everything known about a call that has no result. Travels from worker to client in error reports.
struct failure {
    errc code = errc::internal;
    std::string message{};                ///< a sentence for a person; of a handler's exception, its what()
    std::string task{};                   ///< the task's name
    std::string worker{};                 ///< "host/pid" of the worker that said it; empty when none did
    unsigned attempt = 0;                 ///< which attempt failed, from 1; 0 when none began
    int signal = 0;                       ///< of worker_lost: the signal that ended the process, else 0
    std::vector<std::string> causes{};    ///< nested exceptions, outermost first
    int typed_index = -1;                 ///< which of the task's throws<...> it is; -1 for none
    std::string typed_name{};             ///< what that exception is called on the wire, by codecs that name errors
    std::string typed_fields{};           ///< that exception's own fields, encoded
    call_clock clock = call_clock::none;  ///< which clock ran out
    /// Of worker_lost, where it is known: the last lines that the process wrote to its standard error, as they came; some
    /// ten, of at most 2 KiB in all.
    std::vector<std::string> last_lines{};
};

/// Several lines: what, where, which attempt, the causes, and the last lines of a lost worker, made fit for a terminal.
[[nodiscard]] std::string describe(const failure& why);

/// What a call gives: a value or a failure.
template <class T>
using result = basic_result<T, failure>;

/// Base of what blocking calls throw, unless the task declares the exception with throws<...>.
class call_error : public std::runtime_error {
  public:
    explicit call_error(failure why);
    [[nodiscard]] const failure& why() const noexcept { return why_; }
    [[nodiscard]] errc code() const noexcept { return why_.code; }

  private:
    failure why_;
};

/// The handler threw something that the task does not declare.
class remote_error : public call_error {
    using call_error::call_error;
};
/// The worker process died while it ran the call; why().signal says of what.
class worker_lost : public call_error {
    using call_error::call_error;
};
/// One of the call's clocks ran out; the text says which.
class timeout : public call_error {
  public:
    using call_error::call_error;
    [[nodiscard]] call_clock which() const noexcept { return why().clock; }
};
/// Nobody offers the task.
class no_worker : public call_error {
    using call_error::call_error;
};
/// This server, or this kind of call, cannot do what was asked.
class not_supported : public call_error {
    using call_error::call_error;
};
class cancelled : public call_error {
    using call_error::call_error;
};
/// Client and worker were built with different types for the task; the text shows both and the first difference.
class schema_mismatch : public call_error {
    using call_error::call_error;
};
/// Waiting here could never end: too many handlers of the worker process wait for calls of their own already. A handler that
/// lets it out passes it on to its caller as it is.
class would_deadlock : public call_error {
    using call_error::call_error;
};
/// No server could be reached, or it went away.
class connection_error : public call_error {
    using call_error::call_error;
};

/// The server knows no such background job, or keeps its result no longer.
class result_gone : public call_error {
    using call_error::call_error;
};

/// Throws the class above that fits `why`.
[[noreturn]] void throw_failure(failure why);

}  // namespace sheaf
