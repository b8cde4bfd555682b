// A store that takes its time, may refuse, and keeps only what it has committed when the server crashes.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <vector>

#include "broker/types.hpp"

namespace sheaf::sim {

class store {
  public:
    struct answer {
        broker::job_id job;
        bool kept = false;
    };

    void persist(const broker::job_record& record) { log_.push_back({record.id, true, record}); }
    void forget(broker::job_id job) { log_.push_back({job, false, {}}); }

    /// Commits the oldest entries of the log; each new record is refused with the given probability.
    void commit(std::size_t count, unsigned refuse_percent, std::mt19937_64& random);
    /// An answer that the broker has not had yet, in any order; nothing when there is none.
    bool take_answer(std::mt19937_64& random, answer& taken);
    /// The server is gone: what was not committed never was, and nobody waits for answers.
    void crash();

    [[nodiscard]] bool idle() const { return log_.empty() && answers_.empty(); }
    [[nodiscard]] bool has(std::uint64_t job) const { return rows_.contains(job); }
    [[nodiscard]] const std::map<std::uint64_t, broker::job_record>& rows() const { return rows_; }

  private:
    struct entry {
        broker::job_id job;
        bool is_new = false;
        broker::job_record record;
    };

    std::deque<entry> log_;
    std::map<std::uint64_t, broker::job_record> rows_;
    std::vector<answer> answers_;
};

}  // namespace sheaf::sim
