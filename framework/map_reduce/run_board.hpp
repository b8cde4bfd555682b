// Where a run's thread leaves what others want to know of it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include <sheaf/map_reduce_events.hpp>

namespace sheaf::detail {

/// Any thread.
class run_board {
  public:
    /// Both for the run's own thread.
    void show(const map_reduce_progress& now);
    void tell(map_reduce_event event);
    /// There will be no more events.
    void close();

    [[nodiscard]] map_reduce_progress progress() const;
    /// Waits for the next event; nothing when there will be none.
    [[nodiscard]] std::optional<map_reduce_event> next_event();

  private:
    static constexpr std::size_t events_max = 1024;

    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    map_reduce_progress now_;
    std::deque<map_reduce_event> events_;  // the latest ones
    std::uint64_t missed_ = 0;
    bool closed_ = false;
};

}  // namespace sheaf::detail
