// What the simulated store has of runs: it makes each step as a whole, and objects to one that does not fit what it has.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/run_change.hpp"

namespace sheaf::sim {

class run_book {
  public:
    using job_rows = std::map<std::uint64_t, broker::job_record>;

    /// Makes `change`; the payloads of what it gathers are filled in. Throws violation.
    void apply(broker::run_change& change, job_rows& jobs);
    /// Who has the outcome of `run`, now that `taker` wants it. Throws violation when it has not ended.
    std::string take(broker::job_id run, const std::string& taker);
    /// Everything but jobs, as it is told to a broker that comes up.
    [[nodiscard]] std::vector<broker::restored_run> all() const;

    struct kept_run {
        broker::run_record about;
        std::string outcome;
    };
    [[nodiscard]] const std::map<std::uint64_t, kept_run>& runs() const { return runs_; }
    [[nodiscard]] const kept_run* find(const std::string& name) const;
    [[nodiscard]] bool has_frames() const { return !frames_.empty() || !parts_.empty(); }

  private:
    using parts = std::map<std::uint32_t, std::string>;

    void put(const broker::part_record& part);
    void gather(broker::gathered_record& what, job_rows& jobs);
    void end(broker::job_id run, const broker::run_outcome_record& how, const job_rows& jobs);
    void close(broker::job_id frame);

    std::map<std::uint64_t, kept_run> runs_;
    std::map<std::uint64_t, broker::frame_record> frames_;
    std::map<std::uint64_t, parts> parts_;
    std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint64_t> done_;
};

/// The run that a job is a step of; 0: none.
[[nodiscard]] broker::job_id run_of(const broker::job_record& job);

}  // namespace sheaf::sim
