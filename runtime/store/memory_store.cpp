#include "store/memory_store.hpp"

namespace sheaf::store {

void memory_store::commit() {
    if (gathered_.empty()) return;
    // The answer may lead to more being persisted: that belongs to the next batch.
    answering_.swap(gathered_);
    report_(answering_);
    answering_.clear();
}

}  // namespace sheaf::store
