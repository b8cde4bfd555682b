// Keeping the latest events.
#include "map_reduce/run_board.hpp"

#include <utility>

namespace sheaf::detail {

void run_board::show(const map_reduce_progress& now) {
    const std::lock_guard held(mutex_);
    now_ = now;
}

void run_board::tell(map_reduce_event event) {
    {
        const std::lock_guard held(mutex_);
        if (events_.size() == events_max) {
            events_.pop_front();
            ++missed_;
        }
        events_.push_back(std::move(event));
    }
    arrived_.notify_one();
}

void run_board::close() {
    {
        const std::lock_guard held(mutex_);
        closed_ = now_.over = true;
    }
    arrived_.notify_all();
}

map_reduce_progress run_board::progress() const {
    const std::lock_guard held(mutex_);
    return now_;
}

std::optional<map_reduce_event> run_board::next_event() {
    std::unique_lock held(mutex_);
    arrived_.wait(held, [this] { return closed_ || !events_.empty(); });
    if (missed_ != 0) return map_reduce_events::missed{std::exchange(missed_, 0)};
    if (events_.empty()) return std::nullopt;
    map_reduce_event next = std::move(events_.front());
    events_.pop_front();
    return next;
}

}  // namespace sheaf::detail
