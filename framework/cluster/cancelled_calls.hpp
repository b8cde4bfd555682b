// Calls that were cancelled before this process began them. Pure: time is an argument.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_set>

namespace sheaf::detail {

/// Remembers the newest, for a while. A job that has been fetched and waits for its slot is found here when it begins.
class cancelled_calls {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    static constexpr std::size_t calls_max = std::size_t{1} << 16;
    static constexpr std::chrono::minutes kept_for{15};

    void remember(std::uint64_t call, time_point now);
    /// Whether `call` is among them; forgets it.
    [[nodiscard]] bool take(std::uint64_t call);
    [[nodiscard]] bool empty() const noexcept { return calls_.empty(); }

  private:
    struct entry {
        std::uint64_t call;
        time_point until;
    };

    std::unordered_set<std::uint64_t> calls_;
    std::deque<entry> oldest_first_;  ///< also those that were taken
};

}  // namespace sheaf::detail
