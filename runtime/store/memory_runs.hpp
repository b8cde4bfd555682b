// What the engine without a file keeps of runs: parts until they are gathered, and outcomes.
#pragma once

#include <map>
#include <vector>

#include "store/run_rows.hpp"
#include "store/store.hpp"

namespace sheaf::store {

class memory_runs {
  public:
    /// Fills in the payloads of what is gathered.
    void apply(run_change& change);
    [[nodiscard]] reply take(const take_outcome& what);

  private:
    std::map<frame_number, std::map<std::uint32_t, shared_bytes>> parts_;
    std::map<job_number, run_outcome> outcomes_;
};

}  // namespace sheaf::store
