#include "cluster/end_watch.hpp"

#include <algorithm>

namespace sheaf::detail {

void end_watch::hears(const lifeline_message& what, time_point now) {
    switch (what.what) {
        case lifeline_message::kind::reached:
        case lifeline_message::kind::ready: return;
        case lifeline_message::kind::stopping: stopping_.try_emplace(what.slot, now + what.limit + margin); return;
        case lifeline_message::kind::stopped: stopping_.erase(what.slot); return;
        case lifeline_message::kind::ending: end_at_ = now + what.limit + margin; return;
    }
}

// Who was asked to end takes no new jobs, but is killed all the same: the handler may have stopped in the meantime, but a
// process that ends costs its other slots nothing that a retry does not mend.
end_watch::step end_watch::due(time_point now) {
    const auto at = next();
    if (!at || now < *at) return step::nothing;
    if (kill_at_ || end_at_) {
        killed_ = true;
        return step::kill;
    }
    kill_at_ = now + margin;
    return step::terminate;
}

std::optional<end_watch::time_point> end_watch::next() const {
    if (killed_) return std::nullopt;
    if (kill_at_) return kill_at_;
    std::optional<time_point> first = end_at_;
    for (const auto& [slot, at] : stopping_) first = first ? std::min(*first, at) : at;
    return first;
}

}  // namespace sheaf::detail
