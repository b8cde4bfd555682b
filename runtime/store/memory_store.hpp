// The engine that keeps jobs in the broker's memory alone: they are gone with the process, as are the results and letters here.
#pragma once

#include <map>
#include <vector>

#include "store/memory_runs.hpp"
#include "store/result_shelf.hpp"
#include "store/store.hpp"

namespace sheaf::store {

/// Says "kept" to everything at the next commit(), and answers then, on the caller's thread.
class memory_store final : public store {
  public:
    explicit memory_store(listener hears, const shelf_limits& limits = {});

    [[nodiscard]] identity who() const noexcept override { return who_; }

    void recover_each(const std::function<void(job_row&&)>& /*take*/) override {}
    void persist(const job_row_view& row) override { outcomes_.push_back({.id = row.id, .result = {}}); }
    void forget(job_number) override {}
    void complete(result_row result) override;
    void bury(dead_letter letter) override;
    void reschedule(const attempt_note&) override {}
    void change_run(run_change change) override;
    void ask(ticket name, question what) override { questions_.push_back({name, std::move(what)}); }
    void commit() override;

  private:
    struct asked {
        ticket name = 0;
        question what;
    };

    [[nodiscard]] reply answer(const find_ended& what) const;
    [[nodiscard]] reply answer(const list_letters& what) const;
    [[nodiscard]] reply answer(const find_letters& what) const;
    [[nodiscard]] reply answer(const revive& what);
    [[nodiscard]] reply answer(const purge& what);
    [[nodiscard]] reply answer(const count_rows& what) const;
    [[nodiscard]] static reply answer(const is_written& /*what*/) { return {}; }
    [[nodiscard]] static reply answer(const ends_written& /*what*/) { return {}; }
    [[nodiscard]] reply answer(const backup& what) const;
    [[nodiscard]] static reply answer(const load_jobs& /*what*/) { return loaded{}; }
    [[nodiscard]] reply answer(const take_outcome& what) { return runs_.take(what); }
    [[nodiscard]] std::vector<job_number> choose(const chosen_letters& which) const;

    listener hears_;
    shelf_limits limits_;
    identity who_;
    result_shelf shelf_;
    std::map<job_number, result_row> results_;
    std::map<job_number, dead_letter> letters_;
    memory_runs runs_;
    std::vector<outcome> outcomes_;
    std::vector<asked> questions_;
};

}  // namespace sheaf::store
