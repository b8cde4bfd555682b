#include "store/memory_runs.hpp"

#include <string>

namespace sheaf::store {

void memory_runs::apply(run_change& change) {
    for (const frame_number one : change.closed) parts_.erase(one);
    for (const part_row& one : change.parts) parts_[one.frame].try_emplace(one.slot, one.bytes);
    for (gathered_row& one : change.gathered) {
        std::string all(one.row.payload.view());
        for (const auto& [slot, bytes] : parts_[one.frame]) all.append(bytes.view());
        parts_.erase(one.frame);
        one.payload = shared_bytes(all);
    }
    if (change.end) outcomes_.insert_or_assign(change.run, run_outcome{change.end->end, {}, change.end->outcome});
    if (change.forgets) outcomes_.erase(change.run);
}

reply memory_runs::take(const take_outcome& what) {
    const auto found = outcomes_.find(what.run);
    if (found == outcomes_.end()) return {};
    if (found->second.taker.empty()) found->second.taker = what.taker;
    run_outcome seen = found->second;
    if (seen.taker != what.taker) seen.outcome = {};
    return seen;
}

}  // namespace sheaf::store
