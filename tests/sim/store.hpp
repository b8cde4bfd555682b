// A store that takes its time, may refuse, and keeps only what it has committed when the server crashes.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "broker/types.hpp"
#include "run_book.hpp"

namespace sheaf::sim {

class store {
  public:
    struct answer {
        broker::job_id job;
        bool kept = false;
        std::optional<shared_bytes> payload{};  ///< of a job that was made of parts
    };

    /// How a job ended, for whoever asks.
    enum class end { unknown, completed, failed };
    struct reply {
        broker::service_ticket name = 0;
        broker::job_id job;
        end how = end::unknown;
        std::string text{};                  ///< the answer to a question about what is written; who wants an outcome
        std::optional<std::string> taker{};  ///< who has the outcome of the run `job`
    };

    void persist(const broker::job_record& record) { log_.push_back({kind::keep, record.id, record}); }
    void reschedule(const broker::job_record& record) { log_.push_back({kind::change, record.id, record}); }
    void forget(broker::job_id job, end how) { log_.push_back({kind::forget, job, {}, how}); }
    void ask(broker::service_ticket name, broker::job_id job) {
        log_.push_back({kind::ask, job, {}, end::unknown, name});
    }

    void change_run(const broker::run_change& change) { log_.push_back({kind::step, {}, {}, {}, {}, {}, change}); }
    void ask_outcome(broker::service_ticket name, broker::job_id run, const std::string& taker) {
        log_.push_back({kind::take, run, {}, end::unknown, name, {}, {}, taker});
    }
    /// Answered with `text` when all that came before is committed.
    void ask_written(broker::service_ticket name, const std::string& text) {
        log_.push_back({kind::written, {}, {}, end::unknown, name, {}, {}, text});
    }

    void load(broker::load_ticket name, std::span<const broker::job_id> jobs) {
        log_.push_back({kind::load, {}, {}, end::unknown, name, {jobs.begin(), jobs.end()}});
    }

    /// Commits the oldest entries of the log; each new record is refused with the given probability.
    void commit(std::size_t count, unsigned refuse_percent, std::mt19937_64& random);
    /// An answer that the broker has not had yet, in any order; nothing when there is none.
    bool take_answer(std::mt19937_64& random, answer& taken);
    /// The same for replies to questions.
    bool take_reply(std::mt19937_64& random, reply& taken);
    /// The answer to the oldest load() that was its turn: the store may not have been able to look, or have stopped before the end.
    struct loaded_rows {
        broker::load_ticket name = 0;
        bool failed = false;
        std::vector<broker::job_record> found;
    };
    bool take_rows(unsigned fail_percent, std::mt19937_64& random, loaded_rows& taken);
    /// The server is gone: what was not committed never was, and nobody waits for answers.
    void crash();

    [[nodiscard]] bool idle() const { return log_.empty() && answers_.empty() && replies_.empty() && loaded_.empty(); }
    /// Whether all that was asked about `job` has been done and answered.
    [[nodiscard]] bool is_settled(broker::job_id job) const;
    [[nodiscard]] bool has(std::uint64_t job) const { return rows_.contains(job); }
    [[nodiscard]] const std::map<std::uint64_t, broker::job_record>& rows() const { return rows_; }
    [[nodiscard]] const run_book& runs() const { return runs_; }

  private:
    enum class kind { keep, change, forget, ask, load, step, take, written };
    struct entry {
        kind what{};
        broker::job_id job;
        broker::job_record record;
        end how = end::unknown;
        broker::service_ticket name = 0;
        std::vector<broker::job_id> wanted{};
        broker::run_change step{};
        std::string text{};
    };

    void look(const entry& asked);
    void make(broker::run_change step, bool refuses);

    std::deque<entry> log_;
    std::map<std::uint64_t, broker::job_record> rows_;
    run_book runs_;
    std::map<std::uint64_t, end> ended_;
    std::vector<answer> answers_;
    std::vector<reply> replies_;
    std::deque<loaded_rows> loaded_;
};

}  // namespace sheaf::sim
