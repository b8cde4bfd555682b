// A job server with its clients, workers and store in one seeded world, where anything may crash at any moment.
//
// Every message waits on a wire until a step delivers it. What the server says is judged at the moment it says it, and
// at the end, when nothing fails any more, all that was promised must have been kept:
//   - no job is with two workers;
//   - who asks for a job gets one of the most urgent, unless these are being brought from the store;
//   - replies come in the order of requests, and a background job is acknowledged only when the store has it;
//   - nobody who works by the rules is told of an error;
//   - every queue drains, with workers that do nothing but wait to be woken;
//   - each run ends once, as the model of its plan says, its outcome goes to one taker, and nothing is left of it;
//   - a job that fails is tried as often as it may be, and never more often;
//   - every acknowledged background job was executed, every client got the end of each of its jobs.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "broker/core.hpp"
#include "message.hpp"
#include "run_model.hpp"
#include "store.hpp"

namespace sheaf::sim {

/// A promise was broken; the text says which.
class violation : public std::logic_error {
    using std::logic_error::logic_error;
};

/// What may go wrong in one world, in percent of the chances to do so. Some of it is off in some worlds: a bug may need
/// that a certain fault does not happen.
struct weather {
    unsigned client_crash = 0;
    unsigned worker_crash = 0;
    unsigned worker_hang = 0;
    unsigned server_crash = 0;
    unsigned store_refusal = 0;
    unsigned store_slowness = 0;
    unsigned load_failure = 0;
    unsigned cancel = 0;
    unsigned time_limit = 0;  ///< workers that announce a time-out
    unsigned drop_ability = 0;
    unsigned clock_jump = 0;  ///< somebody sets the wall clock
    unsigned runs = 0;        ///< no fault: how often clients deal with runs
};

class client;
class worker;

class simulation final : private broker::sink {
  public:
    /// `invariants`: whether the broker checks what it believes after each step, too, and aborts when that contradicts itself.
    explicit simulation(std::uint64_t seed, bool invariants = true);
    ~simulation() override;

    /// Lives through storm and calm; throws violation.
    void run();

    // For the agents.
    [[nodiscard]] std::uint64_t roll(std::uint64_t sides) { return random_() % sides; }
    [[nodiscard]] bool chance(unsigned percent) { return roll(100) < percent; }
    [[nodiscard]] const weather& faults() const { return faults_; }
    [[nodiscard]] bool calm() const { return calm_; }
    [[nodiscard]] std::int64_t epoch_seconds() const;
    /// One connection; its number may be used again after its end, its serial never.
    struct session {
        broker::connection_id id;
        std::uint64_t serial = 0;
    };
    session connect();
    void hang_up(const session& mine);
    [[nodiscard]] bool is_open(const session& mine) const {
        const auto found = wires_.find(mine.id.value());
        return found != wires_.end() && found->second.serial == mine.serial;
    }
    void send(const session& mine, message m);
    /// Any job's handle.
    [[nodiscard]] std::string some_handle();
    /// The run that is called so in this world.
    [[nodiscard]] const model_run& model_of(const std::string& run);
    /// Somebody may be cancelling it.
    void note_cancelled(const std::string& run) { cancelled_.insert(run); }
    /// The next message that has arrived.
    std::optional<message> receive(const session& mine);

  private:
    /// What a request makes its sender wait for, in order.
    enum class reply { created_foreground, created_background, service, echo, status, line };
    /// What is known of a job that nobody else's submission can have made.
    struct known_job {
        std::string function;
        protocol::priority priority = protocol::priority::normal;
        broker::wall_time run_at{};
    };
    struct expected {
        reply kind{};
        std::string text;
        std::optional<known_job> made = std::nullopt;
        std::set<std::string> begun{};  ///< runs that were acknowledged when it was asked
    };
    struct wire {
        std::uint64_t serial = 0;
        std::deque<message> to_server;
        std::deque<message> to_agent;
        std::deque<expected> replies;
        std::map<std::string, int> ends;  ///< foreground jobs, by handle, whose end has not come
        std::set<std::string> abilities;
        std::map<std::string, expected> orders;  ///< what sheaf.run was told, by the handle that it answered with
    };
    struct assignment {
        broker::connection_id worker;
        std::string function;
    };

    protocol::output_buffer& frame(broker::connection_id id) override { return frames_[id.value()]; }
    void persist(const broker::job_record& record) override;
    void forget(broker::job_id job) override { end(job, store::end::unknown); }
    void complete(const broker::job_record& job, const broker::job_result& result) override;
    void bury(const broker::job_record& job, const broker::cause_of_death& why) override;
    void reschedule(const broker::job_record& job) override;
    void load(broker::load_ticket name, std::span<const broker::job_id> jobs) override;
    void missing(broker::job_id job) override { throw violation("job " + std::to_string(job.value()) + " is missing"); }
    void change_run(const broker::run_change& change) override;
    void serve(broker::service_ticket name, const broker::service_question& question) override;
    void close(broker::connection_id, std::string_view) override { throw violation("the server closed a connection"); }

    void start_server();
    void crash_server();
    void storm();
    void become_calm();
    void calm_down();
    void hold_background(bool held);
    void check_end() const;

    void deliver_one();
    void deliver_from(std::uint32_t id);
    void expect_reply(wire& w, const message& m);
    void note_request(broker::connection_id from, const message& m);
    void release_assignments(broker::connection_id worker, const std::string* function);
    void retry_letter();
    bool answer_from_store();
    bool reply_from_store();
    bool load_from_store();
    void end(broker::job_id job, store::end how);
    void pass(std::chrono::milliseconds time, std::chrono::milliseconds clock_jump = {});
    /// After each call of the broker: invariants, and what it said.
    void look();
    void judge(std::uint32_t to, const message& m);
    void judge_created(wire& w, const message& m);
    void judge_assignment(std::uint32_t to, const message& m);
    void judge_end(wire& w, const message& m);
    void judge_outcome(const broker::run_change& change) const;
    void judge_run(const expected& asked, const std::string& said);
    void judge_taken(const std::string& name, const std::string& taker, const std::string& said) const;
    void check_runs() const;
    [[nodiscard]] bool may_end_otherwise() const;
    expected next_expected(wire& w, const message& m);
    [[nodiscard]] std::uint64_t number(const std::string& handle) const;
    [[nodiscard]] bool certainly_waits(std::uint64_t job, const known_job& known) const;
    using urgency = std::map<std::string, protocol::priority>;  ///< of each function
    [[nodiscard]] bool is_being_loaded(const std::string& function) const;
    [[nodiscard]] urgency most_urgent(const wire& worker) const;

    std::mt19937_64 random_;
    bool invariants_;
    weather faults_;
    broker::options how_;
    bool calm_ = false;
    bool background_is_held_ = false;
    broker::instant now_;
    store store_;
    std::unique_ptr<broker::core> core_;
    std::map<std::uint32_t, protocol::output_buffer> frames_;
    std::map<std::uint32_t, wire> wires_;
    std::uint64_t last_serial_ = 0;
    std::vector<std::unique_ptr<client>> clients_;
    std::vector<std::unique_ptr<worker>> workers_;

    std::map<std::string, model_run> models_;
    std::map<std::uint64_t, std::string> names_;  ///< of runs, by number
    std::set<std::string> begun_;                 ///< runs that were acknowledged
    std::set<std::string> cancelled_;             ///< runs that somebody wanted cancelled
    std::map<std::uint64_t, known_job> known_;
    /// The grab that is being answered: whose, and the most urgent priorities of what it may be given.
    struct grab {
        std::uint32_t from = 0;
        urgency most_urgent;
    };
    std::optional<grab> grab_;
    /// Functions of which jobs are being brought from the store: meanwhile workers get jobs of others.
    using queue_name = std::pair<std::string, protocol::priority>;
    std::map<broker::load_ticket, queue_name> loads_;
    std::set<queue_name> failed_loads_;
    std::map<std::uint64_t, assignment> assigned_;
    std::set<std::uint64_t> accepted_;  ///< acknowledged background jobs
    std::set<std::uint64_t> executed_;  ///< jobs whose end a worker reported
    std::map<std::uint64_t, broker::job_record> letters_;
    std::set<std::uint64_t> retried_;           ///< jobs that were letters
    std::set<broker::service_ticket> written_;  ///< questions whether all is written
    std::set<std::uint64_t> forgotten_;         ///< jobs that the server declared ended
};

}  // namespace sheaf::sim
