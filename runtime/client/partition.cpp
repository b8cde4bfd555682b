#include "sheaf/runtime/partition.hpp"

#include <string>
#include <utility>

#include "sheaf/runtime/task_set.hpp"

namespace sheaf::runtime {
namespace {

std::string describe(const job_end& how) {
    switch (how.how) {
        case job_end::kind::complete: return "is complete";
        case job_end::kind::failed: return "has failed";
        case job_end::kind::exception: return "ended with an exception: " + std::string(how.data.view());
        case job_end::kind::not_run: return "was not run: " + how.why.message;
    }
    return {};
}

job_answer exception(const std::string& text) { return job_answer::exception(shared_bytes(text)); }

// Its slot is lent to others, if it may be, while a handler waits.
class lent_slot {
  public:
    explicit lent_slot(assignment& job) : job_(job), is_lent_(job.lend_slot()) {}
    lent_slot(const lent_slot&) = delete;
    lent_slot& operator=(const lent_slot&) = delete;
    ~lent_slot() {
        if (is_lent_) job_.take_slot_back();
    }

  private:
    assignment& job_;
    const bool is_lent_;
};

job_answer run_parts(client& by, assignment& job, const std::vector<shared_bytes>& parts,
                     const job_aggregator& aggregate) {
    const std::string reducer(job.reducer());
    std::string failure;
    task_set set(by, {.stop = job.stop_token()});
    const auto give_up = [&](const job_end& how) {
        if (!failure.empty()) return;
        failure = "a part of the job, of '" + reducer + "', " + describe(how);
        set.cancel();
    };
    for (const shared_bytes& part : parts) {
        set.add({.function = reducer, .payload = part, .withdraw = true}, {.on_fail = give_up});
    }
    {
        const lent_slot meanwhile(job);
        set.run();
    }
    if (!failure.empty()) return exception(failure);
    std::vector<shared_bytes> results;
    results.reserve(set.size());
    for (std::size_t i = 0; i < set.size(); ++i) results.push_back(set[i].end.data);
    return aggregate(results);
}

}  // namespace

job_handler partition_handler(client& parts, job_splitter split, job_aggregator aggregate) {
    return [&parts, split = std::move(split), aggregate = std::move(aggregate)](assignment& job) {
        if (job.reducer().empty()) {
            return exception("the function '" + std::string(job.function()) +
                             "' splits jobs for a reducer, and this one came without a reducer");
        }
        return run_parts(parts, job, split(job), aggregate);
    };
}

}  // namespace sheaf::runtime
