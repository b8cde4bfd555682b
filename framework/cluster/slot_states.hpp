// The objects that slots have for themselves: a connection, a model, a buffer.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "cluster/worker_setup.hpp"

namespace sheaf::detail {

/// Each slot's part is used by that slot's thread only.
class slot_states {
  public:
    slot_states(std::vector<slot_state_factory> factories, std::size_t slots)
        : factories_(std::move(factories)), slots_(slots) {}

    /// The object of `slot` for `key`, made now if it is the first use; null when there is no factory for it. Throws what
    /// the factory throws, and tries again at the next use.
    [[nodiscard]] void* get(std::size_t slot, const void* key);
    /// Destroys all of them. No slot runs any more.
    void clear();

  private:
    const std::vector<slot_state_factory> factories_;
    std::vector<std::vector<std::shared_ptr<void>>> slots_;
};

}  // namespace sheaf::detail
