#include "cluster/running_calls.hpp"

#include "base/assert.hpp"

namespace sheaf::detail {

// A call is first put into its slot and then looked up; an order first remembers it and then looks at the slots. So whichever
// comes second sees the other.
running_calls::entry::entry(running_calls& all, std::uint64_t call, runtime::assignment& job)
    : all_(all), slot_(job.slot()) {
    SHEAF_ASSERT(slot_ < all_.count_, "a job runs in one of the slots that were counted");
    {
        place& mine = all_.slots_[slot_];
        const std::lock_guard lock(mine.door);
        mine.call = call;
        mine.job = &job;
    }
    was_cancelled_ = all_.some_remembered_.load() && all_.take_remembered(call);
}

running_calls::entry::~entry() {
    place& mine = all_.slots_[slot_];
    const std::lock_guard lock(mine.door);
    mine.job = nullptr;
}

void running_calls::cancel(std::span<const std::uint64_t> calls, time_point now,
                           const std::function<void(runtime::assignment&)>& stop) {
    const std::lock_guard lock(door_);
    for (const std::uint64_t call : calls) remembered_.remember(call, now);
    some_remembered_.store(!remembered_.empty());
    for (const std::uint64_t call : calls) {
        if (stop_running(call, stop)) (void)remembered_.take(call);
    }
    some_remembered_.store(!remembered_.empty());
}

// With the slot's door closed its handler cannot return, and the slot not begin another call.
bool running_calls::stop_running(std::uint64_t call, const std::function<void(runtime::assignment&)>& stop) {
    for (std::size_t i = 0; i < count_; ++i) {
        place& one = slots_[i];
        const std::lock_guard lock(one.door);
        if (one.job == nullptr || one.call != call) continue;
        stop(*one.job);
        return true;
    }
    return false;
}

bool running_calls::take_remembered(std::uint64_t call) {
    const std::lock_guard lock(door_);
    const bool found = remembered_.take(call);
    some_remembered_.store(!remembered_.empty());
    return found;
}

}  // namespace sheaf::detail
