#include "cluster/slot_states.hpp"

namespace sheaf::detail {

void* slot_states::get(std::size_t slot, const void* key) {
    auto& mine = slots_[slot];
    mine.resize(factories_.size());
    for (std::size_t i = 0; i < factories_.size(); ++i) {
        if (factories_[i].key != key) continue;
        if (!mine[i]) mine[i] = factories_[i].make();
        return mine[i].get();
    }
    return nullptr;
}

void slot_states::clear() {
    for (auto& slot : slots_) slot.clear();
}

}  // namespace sheaf::detail
