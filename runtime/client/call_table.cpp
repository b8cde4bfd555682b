#include "client/call_table.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace sheaf::runtime {
namespace {

constexpr std::uint32_t not_watched = ~0U;
// An unusually long handle or name must not be kept for ever.
constexpr std::size_t kept_string_capacity = 256;

void clear(std::string& text) {
    text.clear();
    if (text.capacity() > kept_string_capacity) std::string().swap(text);
}

}  // namespace

call_index call_table::add(call_id id) {
    call_index which = 0;
    if (free_.empty()) {
        which = static_cast<call_index>(slots_.size());
        slots_.emplace_back();
    } else {
        which = free_.back();
        free_.pop_back();
    }
    const bool is_new = by_id_.emplace(id, which).second;
    SHEAF_ASSERT(is_new, "a call_id is used once");
    slots_[which].id = id;
    return which;
}

call_index call_table::find(call_id id) const noexcept {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? no_call : found->second;
}

void call_table::forget(call_index which) {
    by_id_.erase(slots_[which].id);
    unwatch(which);
}

void call_table::release(call_index which) {
    call& slot = slots_[which];
    SHEAF_ASSERT(slot.deadline_position == not_watched, "a call is forgotten before its slot is released");
    slot.listener.reset();
    slot.request.payload = {};
    clear(slot.request.function);
    clear(slot.request.unique);
    clear(slot.handle);
    slot.retried = 0;
    slot.wake_at = call::never;
    slot.stage = call_stage::free;
    slot.next_of_handle = slot.turn = no_call;
    free_.push_back(which);
}

std::vector<call_index> call_table::all() const {
    std::vector<call_index> found;
    found.reserve(by_id_.size());
    for (const auto& [id, which] : by_id_) found.push_back(which);
    std::sort(found.begin(), found.end(), [this](call_index a, call_index b) { return slots_[a].id < slots_[b].id; });
    return found;
}

void call_table::watch(call_index which) {
    unwatch(which);
    const auto at = slots_[which].due();
    if (at == call::never) return;
    due_.push_back({at, which});
    sift_up(due_.size() - 1);
}

void call_table::unwatch(call_index which) noexcept {
    const std::size_t hole = std::exchange(slots_[which].deadline_position, not_watched);
    if (hole == not_watched) return;
    const deadline last = due_.back();
    due_.pop_back();
    if (hole == due_.size()) return;
    put(hole, last);
    sift_up(hole);
    sift_down(slots_[last.which].deadline_position);
}

void call_table::put(std::size_t position, const deadline& what) noexcept {
    due_[position] = what;
    slots_[what.which].deadline_position = static_cast<std::uint32_t>(position);
}

void call_table::sift_up(std::size_t position) noexcept {
    const deadline moving = due_[position];
    while (position != 0) {
        const std::size_t parent = (position - 1) / 2;
        if (due_[parent].at <= moving.at) break;
        put(position, due_[parent]);
        position = parent;
    }
    put(position, moving);
}

void call_table::sift_down(std::size_t position) noexcept {
    const deadline moving = due_[position];
    while (true) {
        std::size_t child = 2 * position + 1;
        if (child >= due_.size()) break;
        if (child + 1 < due_.size() && due_[child + 1].at < due_[child].at) ++child;
        if (moving.at <= due_[child].at) break;
        put(position, due_[child]);
        position = child;
    }
    put(position, moving);
}

}  // namespace sheaf::runtime
