// When a worker process that should have ended, and has not, is made to. Pure: time is an argument.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>

#include "cluster/lifeline.hpp"

namespace sheaf::detail {

/// Watches one process. Usually it ends by itself what does not stop; this is for when it cannot, because its threads are
/// blocked in the kernel, say.
class end_watch {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    enum class step : unsigned char { nothing, terminate, kill };

    /// How much later than it said a process may end, and how long it has after it was asked to.
    static constexpr std::chrono::milliseconds margin{1000};

    /// The process has said something.
    void hears(const lifeline_message& what, time_point now);
    /// What is due now. Each is due once.
    [[nodiscard]] step due(time_point now);
    /// When to ask again, if there is anything to wait for.
    [[nodiscard]] std::optional<time_point> next() const;

  private:
    std::map<std::size_t, time_point> stopping_;  ///< by slot: when its handler, or the process, must have ended
    std::optional<time_point> end_at_;            ///< the process was told to end, and must have by then
    std::optional<time_point> kill_at_;
    bool killed_ = false;
};

}  // namespace sheaf::detail
