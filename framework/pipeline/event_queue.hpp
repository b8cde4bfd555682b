// The events of a run that have not been taken. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include <sheaf/pipeline_events.hpp>

namespace sheaf::detail {

/// Bounded: when nobody takes events, the oldest are dropped and counted.
class event_queue {
  public:
    static constexpr std::size_t limit = 1024;

    void put(event what) {
        if (events_.size() == limit) {
            events_.pop_front();
            ++missed_;
        }
        events_.push_back(std::move(what));
    }
    std::optional<event> take() {
        if (missed_ != 0) return events::missed{std::exchange(missed_, 0)};
        if (events_.empty()) return std::nullopt;
        std::optional<event> first = std::move(events_.front());
        events_.pop_front();
        return first;
    }
    [[nodiscard]] bool empty() const noexcept { return events_.empty() && missed_ == 0; }

  private:
    std::deque<event> events_;
    std::uint64_t missed_ = 0;
};

}  // namespace sheaf::detail
