#include "store/memory_store.hpp"

#include <random>

namespace sheaf::store {

memory_store::memory_store(answer report) : report_(std::move(report)) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    who_.made_at = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
    who_.token = std::random_device()();
}

void memory_store::commit() {
    if (gathered_.empty()) return;
    // The answer may lead to more being persisted: that belongs to the next batch.
    answering_.swap(gathered_);
    report_(answering_);
    answering_.clear();
}

}  // namespace sheaf::store
