// The calls of one scatter that are out, and the results that have come back. Not for users.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/detail/call_engine.hpp>
#include <sheaf/failure.hpp>
#include <sheaf/scatter_options.hpp>

namespace sheaf::detail {

/// The end of one call, with its place in the input.
struct landed_call {
    std::size_t index = 0;
    std::string_view result{};  ///< encoded, without an envelope; valid until the board is used again
    std::optional<failure> why{};
};

/// One scatter's calls in flight: packs them into jobs, sends those as the window allows, and takes their answers apart.
/// Calls whose pack was lost are made again one by one. Used by one thread, the gatherer's, except for stop().
/// Destroying it cancels what is out.
class scatter_board {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    static constexpr std::size_t unknown = static_cast<std::size_t>(-1);

    /// `frame` is each call without its arguments. `workers` are the cluster's slots (0: unknown), and `elements` those of the
    /// range, if known. Throws call_error when the options contradict each other.
    scatter_board(std::shared_ptr<call_sender> through, raw_call frame, const scatter_options& how, std::size_t workers,
                  std::size_t elements);
    ~scatter_board();
    scatter_board(const scatter_board&) = delete;
    scatter_board& operator=(const scatter_board&) = delete;

    /// Whether it is time to make more calls.
    [[nodiscard]] bool should_fill();
    /// Whether one more call may be made now. Not after stop() nor after the deadline.
    [[nodiscard]] bool has_room() const;
    /// Where the next call's arguments, encoded, are to be appended.
    [[nodiscard]] std::string& begin_call();
    /// They are there: the call will be made.
    void end_call();
    /// Makes the calls that wait for others to share a job with. To be called before wait(), which would wait for them.
    void flush();

    enum class state { ready, drained, late };
    /// Waits until a call has ended, none is out, or it is `until`.
    [[nodiscard]] state wait(time_point until);
    /// Calls `run` once, on the thread that brings the news, when a job has ended that wait() has not seen; at once, if one
    /// has. That need not be the end of a call.
    void when_landed(std::function<void()> run);
    /// Where users' callbacks run, if there is a thread for them.
    [[nodiscard]] std::shared_ptr<callback_thread> callbacks() const;
    /// Throws call_error when something is to be done at a time of its own, and not when jobs end.
    void require_no_clock() const;
    /// The next call that has ended, in order of arrival. Only when wait() says ready.
    [[nodiscard]] landed_call take();
    /// A call that was taken does not count in the window any more.
    void release();

    /// Makes no more calls; those that are out, or were about to be made, end with errc::cancelled. Any thread.
    void stop();

    /// Calls that were made or are about to be.
    [[nodiscard]] std::size_t calls() const noexcept;
    /// Those that have not been taken.
    [[nodiscard]] std::size_t pending() const noexcept;
    [[nodiscard]] bool stopped() const noexcept;
    /// The indexes of calls that run and have reported progress, with the share of each that is done.
    [[nodiscard]] std::vector<std::pair<std::size_t, double>> running() const;

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace sheaf::detail
