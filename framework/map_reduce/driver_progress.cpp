// How far the run is, for whoever looks.
#include <algorithm>

#include "map_reduce/driver.hpp"

namespace sheaf::detail {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr milliseconds progress_period{100};

}  // namespace

std::optional<run_driver::clock::time_point> run_driver::wake_up() const {
    auto first = plan_.next_deadline(clock::now());
    if (const auto look = servers_.next_deadline()) first = first ? std::min(*first, *look) : look;
    if (line_.is_drawn()) first = first ? std::min(*first, line_.next_draw()) : line_.next_draw();
    return first;
}

void run_driver::show_progress() {
    const auto now = clock::now();
    const bool due = now >= next_progress_;
    if (!due && !line_.is_drawn()) return;
    const map_reduce_progress at = progress(now);
    line_.draw(at, now);
    if (!due) return;
    next_progress_ = now + progress_period;
    company_.board.show(at);
    company_.board.tell(map_reduce_events::progress{at});
}

map_reduce_progress run_driver::progress(clock::time_point now) const {
    map_reduce_progress at;
    at.stage = plan_.current_stage();
    at.units_done = plan_.done_in(at.stage);
    at.units = plan_.units_in(at.stage);
    at.retries = plan_.counts().retries;
    at.waits_for_workers = setup_.waits_for_workers;
    at.elapsed =
        duration_cast<milliseconds>(now - (at.stage > run_stage::map ? maps_done_.value_or(now) : setup_.began));
    if (at.stage != run_stage::map) return at;
    at.bytes = map_bytes_;
    at.bytes_done = state_.account.bytes_mapped();
    for (const auto& [tag, one] : flights_) {
        if (one.attempt.stage != run_stage::map || state_.account.mapped(one.attempt.index) != nullptr) continue;
        const auto whole = static_cast<double>(bytes_of(state_.account.splits()[one.attempt.index]));
        at.bytes_done += static_cast<std::uint64_t>(one.share_done * whole);
    }
    at.bytes_done = std::min(at.bytes_done, at.bytes);  // a backup's share comes on top
    return at;
}

}  // namespace sheaf::detail
