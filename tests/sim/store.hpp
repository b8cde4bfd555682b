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

    /// How a job ended, for whoever asks.
    enum class end { unknown, completed, failed };
    struct reply {
        broker::service_ticket name = 0;
        broker::job_id job;
        end how = end::unknown;
    };

    void persist(const broker::job_record& record) { log_.push_back({kind::keep, record.id, record}); }
    void reschedule(const broker::job_record& record) { log_.push_back({kind::change, record.id, record}); }
    void forget(broker::job_id job, end how) { log_.push_back({kind::forget, job, {}, how}); }
    void ask(broker::service_ticket name, broker::job_id job) {
        log_.push_back({kind::ask, job, {}, end::unknown, name});
    }

    /// Commits the oldest entries of the log; each new record is refused with the given probability.
    void commit(std::size_t count, unsigned refuse_percent, std::mt19937_64& random);
    /// An answer that the broker has not had yet, in any order; nothing when there is none.
    bool take_answer(std::mt19937_64& random, answer& taken);
    /// The same for replies to questions.
    bool take_reply(std::mt19937_64& random, reply& taken);
    /// The server is gone: what was not committed never was, and nobody waits for answers.
    void crash();

    [[nodiscard]] bool idle() const { return log_.empty() && answers_.empty() && replies_.empty(); }
    [[nodiscard]] bool has(std::uint64_t job) const { return rows_.contains(job); }
    [[nodiscard]] const std::map<std::uint64_t, broker::job_record>& rows() const { return rows_; }

  private:
    enum class kind { keep, change, forget, ask };
    struct entry {
        kind what{};
        broker::job_id job;
        broker::job_record record;
        end how = end::unknown;
        broker::service_ticket name = 0;
    };

    std::deque<entry> log_;
    std::map<std::uint64_t, broker::job_record> rows_;
    std::map<std::uint64_t, end> ended_;
    std::vector<answer> answers_;
    std::vector<reply> replies_;
};

}  // namespace sheaf::sim
