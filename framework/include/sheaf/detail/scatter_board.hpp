// The calls of one scatter that are out, and the results that have come back. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sheaf/detail/call_engine.hpp>
#include <sheaf/detail/scatter_window.hpp>

namespace sheaf::detail {

/// A result with the place in the input of the call that gave it.
struct landed_call {
    std::size_t index = 0;
    raw_result outcome;
};

/// One scatter's calls in flight. Used by one thread, the gatherer's; only results come in from another.
/// Destroying it cancels what is out.
class scatter_board {
  public:
    scatter_board(std::shared_ptr<call_sender> through, std::size_t window);
    ~scatter_board();
    scatter_board(const scatter_board&) = delete;
    scatter_board& operator=(const scatter_board&) = delete;

    [[nodiscard]] bool has_room() const noexcept { return window_.has_room(); }
    /// Whether it is time to send more.
    [[nodiscard]] bool should_fill();
    /// Sends the next call of the input. There must be room.
    void send(const raw_call& call, const call_options& how);
    /// The next result, in order of arrival; waits for it. Nothing when no call is out.
    [[nodiscard]] std::optional<landed_call> next();
    /// Cancels what is out; its results come as errc::cancelled.
    void cancel();

    [[nodiscard]] std::size_t sent() const noexcept { return next_index_; }

  private:
    /// Where results are put; outlives the board until the last call has ended.
    class inbox;
    struct slot {
        std::size_t index = 0;
        call_sender::call_id call = 0;
        bool out = false;
    };

    std::shared_ptr<call_sender> through_;
    std::shared_ptr<inbox> inbox_;
    scatter_window window_;
    std::vector<slot> slots_;
    std::vector<std::size_t> free_slots_;
    std::vector<std::pair<std::size_t, raw_result>> at_hand_;  ///< by slot, the next one last
    std::size_t next_index_ = 0;
};

}  // namespace sheaf::detail
