// What a handler may know and do while it runs a call.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string_view>

namespace sheaf {

namespace detail {
class invocation;
}

/// Taken by reference as a handler's first parameter, if it wants it. Lives as long as the call. Any thread of the handler.
class context {
  public:
    explicit context(detail::invocation& of) noexcept : of_(&of) {}

    /// Fires when the call should stop: time-out, cancel, or the worker ends.
    [[nodiscard]] std::stop_token stop_token() const;
    [[nodiscard]] bool stop_requested() const;
    /// Which try at this call it is, from 1, as far as this worker's supervisor knows.
    [[nodiscard]] unsigned attempt() const;
    /// The server's handle of the job.
    [[nodiscard]] std::string_view handle() const;
    /// Tells the caller how far it is: `done` of `total`.
    void progress(std::uint64_t done, std::uint64_t total);
    /// Sends the caller a line of text that it may show.
    void warn(std::string_view text);

  private:
    detail::invocation* of_;
};

}  // namespace sheaf
