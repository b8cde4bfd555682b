// The client's decisions about calls: attempts, clocks, hedging and cancellation. Events and time go in, jobs, questions and
// outcomes come out. Pure.
//
// A call is one or more attempts; each attempt is one Gearman job. An attempt that its call has done with, while its job is
// queued or runs, is *given up*: it belongs to no call any more, and is only kept until its job is known to be no work for
// anybody: taken from the queue, or ended by the worker that runs it, which was ordered to stop.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "call/call_plan.hpp"
#include "call/deadline_heap.hpp"
#include <sheaf/failure.hpp>
#include <sheaf/runtime/client.hpp>

namespace sheaf::detail {

/// Names an attempt for as long as anybody may speak of it; never given twice.
struct attempt_key {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;

    [[nodiscard]] std::uint64_t tag() const noexcept { return std::uint64_t{generation} << 32U | index; }
    [[nodiscard]] static attempt_key of_tag(std::uint64_t tag) noexcept {
        return {static_cast<std::uint32_t>(tag), static_cast<std::uint32_t>(tag >> 32U)};
    }
};

/// What an attempt's envelope says that its call does not.
struct attempt_terms {
    std::uint64_t name = 0;  ///< request_terms::call
    unsigned attempts = 1;   ///< how often the workers' host may try before it reports a loss
    unsigned tried = 0;      ///< attempts that were made before
    bool is_first = true;    ///< call_plan::request is this attempt's, as it stands
};

/// What the machine wants done. Its members must not call back into the machine.
class call_sink {
  public:
    virtual ~call_sink() = default;
    /// Submit the attempt's job. created(), heard(), alive() and ended() are called with `key`.
    virtual void submit(attempt_key key, const call_plan& of, const attempt_terms& how) = 0;
    /// Nothing more is to be heard of the attempt. Its job, if it is queued and has no unique key, is of no use to anybody.
    virtual void drop(attempt_key key) = 0;
    /// Have the server forget the attempt's job if no worker has begun it. What is asked after that is answered after it.
    virtual void withdraw(attempt_key key) = 0;
    /// Ask for the job's status; status() is called.
    virtual void ask_status(attempt_key key, const std::string& handle) = 0;
    /// Ask how many workers offer `function`; offered() is called.
    virtual void ask_offered(const std::string& function) = 0;
    /// Ask under which functions workers take orders; controls() is called.
    virtual void ask_controls() = 0;
    /// Tell the worker that takes orders under `control` to stop these attempts.
    virtual void send_order(const std::string& control, std::span<const std::uint64_t> attempts) = 0;
    /// The call's attempt `attempt`, from 1, has failed; there will be another.
    virtual void tell_retry(const call_plan& /*of*/, unsigned /*attempt*/, const failure& /*why*/) {}
    /// The call has ended.
    virtual void tell(call_plan of, raw_result outcome) = 0;
};

/// All calls of one engine. Not thread-safe.
class call_machine {
  public:
    using time_point = call_plan::time_point;
    using call_id = call_sender::call_id;

    /// `seed` decides the attempts' names and the jitter of pauses.
    call_machine(call_sink& out, std::uint64_t seed) : out_(out), seed_(seed) {}
    call_machine(const call_machine&) = delete;
    call_machine& operator=(const call_machine&) = delete;

    /// The name of a call's `n`-th attempt, from 0. What makes the first attempt's request has to know it before.
    [[nodiscard]] static std::uint64_t attempt_name(std::uint64_t seed, call_id call, unsigned n) noexcept;

    // What users do.
    void submit(call_plan plan, time_point now);
    void cancel(call_id call, time_point now);
    /// Ends all calls with `code`, and what is submitted from now on, too.
    void close(errc code, const std::string& message, time_point now);

    // What happens to the jobs of attempts.
    void created(attempt_key key, std::string_view handle);
    /// The worker has said something. The plan of the attempt's call, or null when nobody waits for it any more.
    [[nodiscard]] const call_plan* heard(attempt_key key, time_point now);
    /// As heard(), for piece `number` of a stream's result. A piece that is not the next one ends the call: the server has had
    /// another worker begin anew.
    [[nodiscard]] const call_plan* heard_chunk(attempt_key key, std::uint64_t number, time_point now);
    /// A sign of life.
    void alive(attempt_key key, std::string_view control, time_point now);
    void ended(attempt_key key, runtime::job_end end, time_point now);

    // Answers. Nothing: there was none.
    void status(attempt_key key, const std::optional<runtime::job_status>& said, time_point now);
    void offered(const std::string& function, std::optional<std::uint64_t> workers, time_point now);
    void controls(const std::vector<std::string>& all);

    void tick(time_point now);
    /// When to call tick() at the latest.
    [[nodiscard]] time_point next_deadline() const noexcept;
    /// Sends the orders that have gathered: call it after every batch of inputs and tick().
    void flush(time_point now);

    /// How many calls are out.
    [[nodiscard]] std::size_t open_calls() const noexcept { return by_id_.size(); }
    /// Whether something is still to be found out about attempts that were given up.
    [[nodiscard]] bool has_loose_ends() const noexcept { return undetermined_count_ != 0; }

  private:
    static constexpr std::uint32_t none = ~0U;
    /// How long an attempt that was given up is watched while nobody can say what became of it.
    static constexpr std::chrono::seconds given_up_time{30};

    struct attempt {
        std::uint32_t generation = 0;
        std::uint32_t call = none;  ///< none: given up, or free
        bool in_use = false;
        bool asking = false;         ///< a status answer is to come
        bool started = false;        ///< a worker has begun it, as far as is known
        bool undetermined = false;   ///< given up, and where it is is not known
        bool waits_to_ask = false;   ///< in to_ask_
        bool in_window = false;      ///< its question is one of asks_out_
        bool withdrawn = false;      ///< the server was told to forget it
        bool can_be_stopped = true;  ///< nobody else may wait for its job, and the worker understands orders
        std::uint64_t name = 0;
        std::string handle;   ///< empty: not created yet
        std::string control;  ///< empty: no sign of life yet
        time_point queued_at;
        time_point started_at;
        time_point heard_at;
        time_point looked_at;  ///< when it was last known to be queued
        unsigned looks = 0;    ///< how often it was looked after since it was given up
        time_point hopeless_at;
    };
    enum class phase : std::uint8_t {
        out,      ///< attempts are out
        pausing,  ///< before the next attempt
        judging,  ///< its time in the queue is over: waits to hear whether anybody offers the task
    };
    struct call {
        call_plan plan;
        phase now_in = phase::out;
        std::uint32_t main = none;  ///< its attempts that are out
        std::uint32_t hedge = none;
        bool hedged = false;       ///< not a second time
        bool looked = false;       ///< who offers the task was asked, near the deadline
        std::uint64_t chunks = 0;  ///< that have come
        unsigned submitted = 0;    ///< jobs
        unsigned tried = 0;        ///< attempts that failed
        time_point made_at;
        time_point resume_at;  ///< of pausing and judging: when they end
        std::optional<failure> last;
    };
    struct function_look {
        time_point asked_at = time_point::min();
        std::optional<std::uint64_t> workers;
        bool asking = false;
    };

    // Calls and attempts (call_machine.cpp).
    [[nodiscard]] std::optional<failure> refuse(const call_plan& plan) const;
    [[nodiscard]] std::uint32_t new_attempt();
    void free_attempt(std::uint32_t which);
    [[nodiscard]] attempt* find(attempt_key key) noexcept;
    [[nodiscard]] attempt_key key_of(std::uint32_t which) const noexcept {
        return {which, attempts_[which].generation};
    }
    std::uint32_t start(std::uint32_t which, time_point now);
    void detach(std::uint32_t attempt_of);
    void fail_attempt(std::uint32_t which, failure why, time_point now);
    [[nodiscard]] bool may_try_again(const call& c, const failure& why) const;
    void try_again(std::uint32_t which, failure why, time_point now);
    void finish(std::uint32_t which, raw_result outcome, time_point now);
    [[nodiscard]] double random();

    // Clocks (call_clocks.cpp).
    void schedule(std::uint32_t which);
    [[nodiscard]] time_point next_check(const call_plan& plan, const attempt& a) const;
    void examine(std::uint32_t which, time_point now);
    [[nodiscard]] bool examine_attempt(std::uint32_t which, std::uint32_t attempt_of, time_point now);
    void status_of_live(std::uint32_t attempt_of, const std::optional<runtime::job_status>& said, time_point now);
    void queue_time_over(std::uint32_t which, std::uint32_t attempt_of, time_point now);
    void judge(std::uint32_t which, std::optional<std::uint64_t> workers, time_point now);
    void look_who_offers(const std::string& function, time_point now);
    void deadline_came(std::uint32_t which, time_point now);

    // Attempts that were given up (call_cancel.cpp).
    void give_up(std::uint32_t attempt_of, time_point now);
    void look_after(std::uint32_t attempt_of, time_point now);
    void ask_about(std::uint32_t attempt_of);
    void ask_about_given_up();
    void ask_now(std::uint32_t attempt_of);
    void status_of_given_up(std::uint32_t attempt_of, const runtime::job_status& said);
    void order_stop(attempt& a);
    void order_everybody(std::uint32_t attempt_of);
    void forget_question(attempt& a);
    void determine(attempt& a);
    void settle(std::uint32_t attempt_of);

    call_sink& out_;
    std::uint64_t seed_;
    std::uint64_t draws_ = 0;
    std::vector<call> calls_;
    std::vector<std::uint32_t> free_calls_;
    std::vector<attempt> attempts_;
    std::vector<std::uint32_t> free_attempts_;
    boost::unordered_flat_map<call_id, std::uint32_t> by_id_;
    deadline_heap due_;  ///< calls
    std::map<std::string, function_look, std::less<>> functions_;
    std::vector<call_id> judging_;

    deadline_heap watched_;  ///< attempts that were given up
    std::deque<attempt_key> to_ask_;
    std::size_t asks_out_ = 0;
    std::size_t undetermined_count_ = 0;  ///< given up, and neither stopped nor gone
    std::vector<attempt_key> unfound_;    ///< run somewhere, and all workers are to be told
    bool asking_controls_ = false;
    std::map<std::string, std::vector<std::uint64_t>, std::less<>> orders_;
    std::map<std::string, time_point, std::less<>> told_;  ///< who was sent an order, and until when that matters
    std::vector<std::uint64_t> undetermined_;              ///< names of what was given up, wherever it may run
    time_point spread_at_ = time_point::max();             ///< when those are sent to all who were sent an order
    std::optional<failure> closed_;                        ///< what calls are told from now on
};

}  // namespace sheaf::detail
