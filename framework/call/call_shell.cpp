#include "call/call_shell.hpp"

#include <random>
#include <set>
#include <string_view>
#include <utility>

#include <sheaf/detail/control_order.hpp>
#include <sheaf/detail/envelope.hpp>
#include <sheaf/server_status.hpp>

namespace sheaf::detail {
namespace {

using std::chrono::steady_clock;

// How long a server may take to answer a question about a job.
constexpr std::chrono::milliseconds answer_time{500};
// An order that no worker has taken by then is to a worker that is gone.
constexpr std::chrono::milliseconds order_time{2000};
// How long the end of the engine waits for its orders to be taken.
constexpr std::chrono::milliseconds closing_time{200};

std::uint64_t random_seed() {
    std::random_device source;
    return std::uint64_t{source()} << 32U | source();
}

std::uint64_t workers_of(const std::vector<runtime::server_answer>& answers, std::string_view function) {
    std::uint64_t workers = 0;
    for (const runtime::server_answer& one : answers) {
        if (!one.answer) continue;
        for (const function_status& f : parse_status(*one.answer)) {
            if (f.name == function) workers += f.workers;
        }
    }
    return workers;
}

// Under which functions workers that are there take orders.
std::vector<std::string> controls_in(const std::vector<runtime::server_answer>& answers) {
    std::set<std::string> found;
    for (const runtime::server_answer& one : answers) {
        if (!one.answer) continue;
        for (function_status& f : parse_status(*one.answer)) {
            if (f.workers != 0 && is_control_name(f.name)) found.insert(std::move(f.name));
        }
    }
    return {found.begin(), found.end()};
}

}  // namespace

/// Hears of the jobs of attempts.
class call_shell::job_ear final : public runtime::job_listener {
  public:
    explicit job_ear(call_shell& of) : of_(of) {}

    void on_created(std::uint64_t tag, std::string_view handle) override {
        of_.machine_.created(attempt_key::of_tag(tag), handle);
    }
    void on_data(std::uint64_t tag, const shared_bytes& data) override { of_.on_data(tag, data); }
    void on_warning(std::uint64_t tag, const shared_bytes& text) override {
        const call_plan* const plan = of_.machine_.heard(attempt_key::of_tag(tag), steady_clock::now());
        if (plan == nullptr) return;
        plan->hears->on_warning(plan->tag, text.view());
        if (plan->extras && plan->extras->on_warning) plan->extras->on_warning(text.view());
    }
    void on_status(std::uint64_t tag, std::uint64_t done, std::uint64_t total) override {
        const call_plan* const plan = of_.machine_.heard(attempt_key::of_tag(tag), steady_clock::now());
        if (plan == nullptr) return;
        plan->hears->on_progress(plan->tag, done, total);
        if (plan->extras && plan->extras->on_progress) plan->extras->on_progress(done, total);
    }
    void on_end(std::uint64_t tag, runtime::job_end end) override {
        of_.feed([this, tag, end = std::move(end)](steady_clock::time_point now) mutable {
            of_.machine_.ended(attempt_key::of_tag(tag), std::move(end), now);
        });
    }

  private:
    call_shell& of_;
};

/// Hears of the jobs that carry orders.
class call_shell::order_ear final : public runtime::job_listener {
  public:
    explicit order_ear(call_shell& of) : of_(of) {}
    void on_end(std::uint64_t, runtime::job_end) override { of_.on_order_end(); }

  private:
    call_shell& of_;
};

call_shell::call_shell(std::vector<endpoint> servers)
    : seed_(random_seed()),
      machine_(*this, seed_),
      jobs_ear_(std::make_shared<job_ear>(*this)),
      orders_ear_(std::make_shared<order_ear>(*this)),
      client_({.servers = std::move(servers), .companion = this}) {}

call_shell::~call_shell() = default;

// ---- From any thread.

template <class Change>
void call_shell::hand_over(Change&& change) {
    bool is_first = false;
    {
        const std::lock_guard lock(door_);
        is_first = arrived_.empty();
        change(arrived_);
    }
    if (is_first) client_.wake();
}

call_shell::call_id call_shell::submit(const raw_call& call, const call_options& how,
                                       std::shared_ptr<call_sender::listener> hears, std::uint64_t tag) {
    const call_id id = ++last_id_;
    call_plan plan = make_plan(call, how, id, seed_);
    plan.hears = std::move(hears);
    plan.tag = tag;
    if (how.on_progress || how.on_warning || how.stop.stop_possible()) {
        plan.extras = std::make_shared<call_extras>();
        plan.extras->on_progress = how.on_progress;
        plan.extras->on_warning = how.on_warning;
        plan.extras->stop = how.stop;
    }
    hand_over([&](inbox& in) { in.submitted.push_back(std::move(plan)); });
    return id;
}

void call_shell::cancel(call_id call) {
    hand_over([&](inbox& in) { in.cancelled.push_back(call); });
}

void call_shell::cancel_all() {
    hand_over([](inbox& in) {
        in.closed = failure{.code = errc::cancelled, .message = "all calls of this program were cancelled"};
    });
}

void call_shell::close() {
    hand_over([](inbox& in) {
        in.closed =
            failure{.code = errc::shutting_down, .message = "the cluster object was destroyed before the call ended"};
    });
    std::unique_lock lock(door_);
    quiet_.wait_for(lock, closing_time, [this] { return is_quiet_; });
}

// ---- On the client's thread.

// What the machine wants done may have its outcome at once, while the machine is at work.
template <class Input>
void call_shell::feed(Input input) {
    if (busy_) {
        // A std::function must be copyable, and an input need not be.
        late_.push_back([shared = std::make_shared<Input>(std::move(input))] { (*shared)(steady_clock::now()); });
        return;
    }
    busy_ = true;
    const auto now = steady_clock::now();
    input(now);
    for (std::size_t i = 0; i < late_.size(); ++i) {
        const auto one = std::move(late_[i]);
        one();
    }
    late_.clear();
    machine_.flush(now);
    busy_ = false;
    if (closing_) look_whether_quiet();
}

void call_shell::on_turn(steady_clock::time_point now) {
    own_thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    {
        const std::lock_guard lock(door_);
        std::swap(arrived_, taken_);
    }
    feed([&](steady_clock::time_point) {
        for (call_plan& plan : taken_.submitted) begin(std::move(plan), now);
        for (const call_id call : taken_.cancelled) machine_.cancel(call, now);
        if (taken_.closed) {
            closing_ = taken_.closed->code == errc::shutting_down;
            machine_.close(taken_.closed->code, taken_.closed->message, now);
        }
        machine_.tick(now);
    });
    taken_.submitted.clear();
    taken_.cancelled.clear();
    taken_.closed.reset();
}

void call_shell::begin(call_plan plan, steady_clock::time_point now) {
    const std::shared_ptr<call_extras> extras = plan.extras;  // the call may be refused at once
    const call_id id = plan.id;
    machine_.submit(std::move(plan), now);
    // A token that has fired already cancels from within this.
    if (extras != nullptr && extras->stop.stop_possible()) {
        extras->when_stopped.emplace(std::exchange(extras->stop, {}), [this, id] { cancel(id); });
    }
}

void call_shell::look_whether_quiet() {
    if (machine_.has_loose_ends() || orders_out_ != 0) return;
    const std::lock_guard lock(door_);
    is_quiet_ = true;
    quiet_.notify_one();
}

void call_shell::on_data(std::uint64_t tag, const shared_bytes& data) {
    const attempt_key key = attempt_key::of_tag(tag);
    auto said = read_notice(data);
    if (!said) {  // a raw task's worker may send what it likes
        (void)machine_.heard(key, steady_clock::now());
    } else if (said->chunk) {
        feed([&](steady_clock::time_point now) {
            const call_plan* const plan = machine_.heard_chunk(key, said->number, now);
            if (plan != nullptr) plan->hears->on_chunk(plan->tag, *std::move(said->chunk));
        });
    } else if (is_control_name(said->alive.control)) {
        feed([&](steady_clock::time_point now) { machine_.alive(key, said->alive.control, now); });
    }
}

void call_shell::on_order_end() {
    --orders_out_;
    if (closing_) look_whether_quiet();
}

// ---- What the machine wants done.

void call_shell::submit(attempt_key key, const call_plan& of, const attempt_terms& how) {
    runtime::job_request job;
    job.function = of.task;
    job.unique = of.unique;
    job.payload = how.is_first ? of.request : request_of(of, how.name, how.attempts, how.tried);
    job.priority = of.priority;
    job.withdraw = !of.may_be_shared();
    if (key.index >= jobs_.size()) jobs_.resize(key.index + 1);
    jobs_[key.index] = client_.submit(std::move(job), jobs_ear_, key.tag());
}

void call_shell::drop(attempt_key key) { client_.cancel(jobs_[key.index]); }

void call_shell::withdraw(attempt_key key) { client_.withdraw(jobs_[key.index]); }

void call_shell::ask_status(attempt_key key, const std::string& handle) {
    client_.status(handle, answer_time, [this, key](const basic_result<runtime::job_status>& said) {
        feed([this, key, answer = said ? std::optional(*said) : std::nullopt](steady_clock::time_point now) {
            machine_.status(key, answer, now);
        });
    });
}

void call_shell::ask_offered(const std::string& function) {
    client_.admin_each("status", answer_time, [this, function](const std::vector<runtime::server_answer>& answers) {
        bool any = false;
        for (const runtime::server_answer& one : answers) any = any || one.answer.has_value();
        const auto workers = any ? std::optional(workers_of(answers, function)) : std::nullopt;
        feed([this, function, workers](steady_clock::time_point now) { machine_.offered(function, workers, now); });
    });
}

void call_shell::ask_controls() {
    client_.admin_each("status", answer_time, [this](const std::vector<runtime::server_answer>& answers) {
        feed([this, all = controls_in(answers)](steady_clock::time_point) { machine_.controls(all); });
    });
}

void call_shell::send_order(const std::string& control, std::span<const std::uint64_t> attempts) {
    runtime::job_request order;
    order.function = control;
    order.payload = write_cancel_order(attempts);
    order.priority = runtime::job_priority::high;
    order.deadline = steady_clock::now() + order_time;
    order.withdraw = true;
    ++orders_out_;
    client_.submit(std::move(order), orders_ear_, 0);
}

void call_shell::tell(call_plan of, raw_result outcome) {
    of.extras.reset();
    of.hears->on_result(of.tag, std::move(outcome));
}

}  // namespace sheaf::detail
