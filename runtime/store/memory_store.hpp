// The engine that keeps nothing: jobs live in the broker's memory alone and are gone with the process.
#pragma once

#include <vector>

#include "store/store.hpp"

namespace sheaf::store {

/// Says "kept" to everything at the next commit(), on the caller's thread.
class memory_store final : public store {
  public:
    explicit memory_store(answer report);

    [[nodiscard]] identity who() const noexcept override { return who_; }

    std::vector<job_row> recover() override { return {}; }
    void persist(const job_row_view& row) override { gathered_.push_back({row.id, {}}); }
    void forget(job_number) override {}
    void commit() override;

  private:
    answer report_;
    identity who_;
    std::vector<outcome> gathered_;
    std::vector<outcome> answering_;
};

}  // namespace sheaf::store
