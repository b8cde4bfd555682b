// What can go wrong in the runtime, and a value that holds either a result or the reason why there is none.
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

namespace sheaf {

/// The kinds of failure that a caller can tell apart. The numbers are on the wire (in error reports of
/// workers): append, never renumber.
enum class errc {
    ok = 0,                 ///< no error
    invalid_argument = 1,   ///< the caller asked for something that makes no sense
    connection_failed = 2,  ///< no server could be reached
    connection_lost = 3,    ///< the server went away while it held the call
    timeout = 4,            ///< one of the clocks of a call ran out; the text says which
    cancelled = 5,          ///< someone asked for the call to be stopped
    job_failed = 6,         ///< the worker said WORK_FAIL and nothing else
    remote_exception = 7,   ///< the handler threw; the text is its own
    worker_lost = 8,        ///< the worker process died while it ran the call
    schema_mismatch = 9,    ///< client and worker were built with different types for one task
    malformed = 10,         ///< bytes that are not what they should be
    protocol_error = 11,    ///< the peer broke the Gearman protocol
    queue_full = 12,        ///< the server refuses more jobs of this function
    not_supported = 13,     ///< this server cannot do what was asked
    no_worker = 14,         ///< nobody offers the function
    io_error = 15,          ///< a file or disk operation failed
    too_large = 16,         ///< a message is above the limit
    shutting_down = 17,     ///< this side is stopping and takes nothing new
    server_error = 18,      ///< the server answered ERROR
    internal = 19,          ///< our own mistake
    would_deadlock = 20,    ///< waiting here could never end: the waiter holds what it waits for
    incomplete = 21,        ///< too few of many calls have results for what was asked
    unknown_job = 22,       ///< the server knows no such job, or has forgotten it
    result_gone = 23,       ///< the job has completed, and its result is not kept (any more)
};

/// The stable lower-case name of `code`, such as "worker_lost".
[[nodiscard]] std::string_view to_string(errc code) noexcept;

/// The category of `errc`, so that it works as a std::error_code.
[[nodiscard]] const std::error_category& error_category() noexcept;
[[nodiscard]] std::error_code make_error_code(errc code) noexcept;

/// A failure as a value: its kind, and a sentence for a person that says what happened, where, and what to do next.
struct error {
    errc code = errc::internal;
    std::string message;

    friend bool operator==(const error&, const error&) = default;
};

/// Thrown where a function has to give a result and cannot.
class runtime_failure : public std::system_error {
  public:
    explicit runtime_failure(const error& why);
};

/// Either a `T` or the error that stands in its place. Never empty.
template <class T, class E = error>
class [[nodiscard]] basic_result {
  public:
    using value_type = T;
    using error_type = E;

    basic_result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: a value is a result
    basic_result(E why) : state_(std::in_place_index<1>, std::move(why)) {}      // NOLINT: so is an error

    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value. Must only be asked for when there is one.
    [[nodiscard]] T& operator*() & noexcept { return *std::get_if<0>(&state_); }
    [[nodiscard]] const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
    [[nodiscard]] T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
    [[nodiscard]] T* operator->() noexcept { return std::get_if<0>(&state_); }
    [[nodiscard]] const T* operator->() const noexcept { return std::get_if<0>(&state_); }

    /// The error. Must only be asked for when there is no value.
    [[nodiscard]] const E& error() const& noexcept { return *std::get_if<1>(&state_); }
    [[nodiscard]] E&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

    template <class U>
    [[nodiscard]] T value_or(U&& other) const& {
        return has_value() ? **this : static_cast<T>(std::forward<U>(other));
    }

  private:
    std::variant<T, E> state_;
};

/// Success without a value, or an error.
template <class E>
class [[nodiscard]] basic_result<void, E> {
  public:
    using value_type = void;
    using error_type = E;

    basic_result() = default;
    basic_result(E why) : error_(std::move(why)), ok_(false) {}  // NOLINT: an error is a result

    [[nodiscard]] bool has_value() const noexcept { return ok_; }
    explicit operator bool() const noexcept { return ok_; }
    [[nodiscard]] const E& error() const& noexcept { return error_; }
    [[nodiscard]] E&& error() && noexcept { return std::move(error_); }

  private:
    E error_{};
    bool ok_ = true;
};

}  // namespace sheaf

template <>
struct std::is_error_code_enum<sheaf::errc> : std::true_type {};
