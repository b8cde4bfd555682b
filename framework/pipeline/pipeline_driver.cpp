#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pipeline/blocking_steps.hpp"
#include "pipeline/event_queue.hpp"
#include "pipeline/machine.hpp"
#include <sheaf/detail/handler_thread.hpp>
#include <sheaf/detail/pipeline_driver.hpp>
#include <sheaf/detail/typed_errors.hpp>

namespace sheaf::detail {
namespace {

using clock = std::chrono::steady_clock;

// Between two looks at what has come back while the input is read.
constexpr std::size_t items_at_once = 32;
constexpr std::chrono::milliseconds reading_time{1};

failure stopped_because(errc code, std::string text) { return {.code = code, .message = std::move(text)}; }

}  // namespace

/// What the run's thread, the sender's and the user's share; and the effects that the machine has.
class pipeline_driver::state final : public call_sender::listener,
                                     public pipeline_effects,
                                     public std::enable_shared_from_this<state> {
  public:
    state(std::shared_ptr<const plan_graph> plan, std::unique_ptr<item_source> input, pipeline_setup setup)
        : plan_(std::move(plan)),
          input_(std::move(input)),
          setup_(std::move(setup)),
          blocking_(setup_.on),
          machine_(*plan_, limits(), *this, clock::now()) {
        if (setup_.how.deadline != forever) until_ = clock::now() + setup_.how.deadline;
    }

    void start() {
        thread_ = std::thread([self = this] { self->run(); });
        on_stop_.emplace(setup_.how.stop, [self = this] {
            self->ask_to_stop(stopped_because(errc::cancelled, "the pipeline was stopped"), false);
        });
    }
    void finish() {
        on_stop_.reset();
        cancel();
        thread_.join();
        blocking_.end();
        // A call that was cancelled may keep this alive on the sender's own thread, where the sender cannot be destroyed.
        setup_.through.reset();
        setup_.on.reset();
    }

    // The user's side.
    std::optional<raw_outcome> next();
    std::optional<event> next_event();
    void cancel() { ask_to_stop(stopped_because(errc::cancelled, "the pipeline was cancelled"), true); }
    pipeline_summary summary() const {
        const std::lock_guard lock(mutex_);
        return summary_;
    }

    // The sender's side.
    void on_result(std::uint64_t tag, raw_result outcome) override {
        tell([&](news& of) { of.ended.emplace_back(tag, std::move(outcome)); });
    }
    void on_warning(std::uint64_t tag, std::string_view text) override {
        tell([&](news& of) { of.warned.emplace_back(tag, std::string(text)); });
    }
    void on_retry(std::uint64_t tag, unsigned attempt, const failure& why) override {
        tell([&](news& of) { of.retried.push_back({tag, attempt, why}); });
    }

    // The machine's side: on the run's thread.
    void send(call_tag tag, const call_node& task, std::string arguments) override;
    void start(call_tag tag, const block_node& what, shared_bytes item) override;
    void cancel(call_tag tag) override;
    void deliver(std::uint64_t index, shared_bytes outcome) override {
        delivered_.push_back({index, std::move(outcome)});
    }
    void note(event what) override { noted_.push_back(std::move(what)); }

  private:
    struct stop_request {
        failure why;
        bool is_quiet = false;  ///< whoever asked for it needs not be told
    };
    struct failed_attempt {
        call_tag tag = 0;
        unsigned attempt = 0;
        failure why;
    };
    /// What has happened since the run's thread looked.
    struct news {
        std::vector<failed_attempt> retried;
        std::vector<std::pair<call_tag, raw_result>> ended;
        std::vector<std::pair<call_tag, std::string>> warned;
        std::size_t taken = 0;
        std::optional<stop_request> stop;

        [[nodiscard]] bool empty() const {
            return retried.empty() && ended.empty() && warned.empty() && taken == 0 && !stop;
        }
    };

    template <class Change>
    void tell(const Change& change) {
        const std::lock_guard lock(mutex_);
        if (over_) return;
        const bool was_empty = news_.empty();
        change(news_);
        if (was_empty) awake_.notify_one();
    }
    void ask_to_stop(failure why, bool is_quiet) {
        tell([&](news& of) {
            if (!of.stop) of.stop = stop_request{std::move(why), is_quiet};
        });
    }

    [[nodiscard]] machine_limits limits() const {
        const pipeline_options& how = setup_.how;
        return {.in_order = how.in_order,
                .items = how.items,
                .bytes = how.bytes,
                .calls = how.calls,
                .window = std::max<std::size_t>(4 * setup_.workers, 64),
                .total = input_->size()};
    }
    void run();
    void read_input();
    [[nodiscard]] news wait_for_news();
    void handle(news what);
    void publish();
    void end_run();
    [[noreturn]] void throw_why() const;

    const std::shared_ptr<const plan_graph> plan_;
    std::unique_ptr<item_source> input_;
    pipeline_setup setup_;
    std::optional<clock::time_point> until_;

    // Of the run's thread.
    blocking_steps blocking_;
    pipeline_machine machine_;
    std::unordered_map<call_tag, call_sender::call_id> calls_;
    std::vector<raw_outcome> delivered_;
    std::vector<event> noted_;
    bool is_quiet_ = false;
    bool input_is_slow_ = false;  ///< it, or what is done with its items here

    // Of the user's thread.
    std::deque<raw_outcome> at_hand_;
    std::size_t taken_untold_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable awake_;    // of the run's thread
    std::condition_variable arrived_;  // outcomes, or the end
    std::condition_variable noted_some_;
    news news_;
    std::deque<raw_outcome> outcomes_;
    event_queue events_;
    pipeline_summary summary_;
    std::optional<run_failure> why_;
    bool over_ = false;

    std::thread thread_;
    std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

void pipeline_driver::state::send(call_tag tag, const call_node& task, std::string arguments) {
    raw_call call = task.task.frame;
    call.arguments = std::move(arguments);
    if (until_) call.until = *until_;
    calls_[tag] = setup_.through->submit(call, task.how, shared_from_this(), tag);
}

void pipeline_driver::state::start(call_tag tag, const block_node& what, shared_bytes item) {
    blocking_.start(tag, what, std::move(item),
                    [self = shared_from_this(), tag](raw_result outcome) { self->on_result(tag, std::move(outcome)); });
}

void pipeline_driver::state::cancel(call_tag tag) {
    blocking_.stop(tag);
    const auto known = calls_.find(tag);
    if (known == calls_.end()) return;
    setup_.through->cancel(known->second);
    calls_.erase(known);
}

void pipeline_driver::state::run() {
    while (!machine_.is_over()) {
        try {
            read_input();
            machine_.turn(clock::now());
            publish();
            if (machine_.is_over()) break;
            handle(wait_for_news());
            if (!input_is_slow_) continue;
            // What has come goes on before the next item is waited for.
            machine_.turn(clock::now());
            publish();
        } catch (...) {
            const std::exception_ptr thrown = std::current_exception();
            machine_.stop({.why = describe_exception(thrown), .thrown = thrown});
        }
    }
    end_run();
}

void pipeline_driver::state::read_input() {
    const auto enough = clock::now() + reading_time;
    input_is_slow_ = false;
    for (std::size_t count = 0; count < items_at_once && !input_is_slow_ && machine_.wants_item(); ++count) {
        auto item = input_->next();
        const auto now = clock::now();
        if (item) {
            machine_.offer(*std::move(item));
            machine_.turn(now);
        } else {
            machine_.input_ended();
        }
        input_is_slow_ = now >= enough;
    }
}

pipeline_driver::state::news pipeline_driver::state::wait_for_news() {
    std::unique_lock lock(mutex_);
    const auto due = machine_.due();
    const auto wakes = due && until_ ? std::min(*due, *until_) : (due ? due : until_);
    const auto has_some = [this] { return !news_.empty(); };
    if (machine_.wants_item()) {
        // No time to wait: only look.
    } else if (wakes) {
        awake_.wait_until(lock, *wakes, has_some);
    } else {
        awake_.wait(lock, has_some);
    }
    return std::exchange(news_, {});
}

void pipeline_driver::state::handle(news what) {
    machine_.taken(what.taken);
    for (failed_attempt& one : what.retried) machine_.call_retried(one.tag, one.attempt, std::move(one.why));
    for (auto& [tag, text] : what.warned) machine_.call_warned(tag, text);
    for (auto& [tag, outcome] : what.ended) {
        calls_.erase(tag);
        machine_.call_ended(tag, std::move(outcome));
    }
    if (what.stop) {
        is_quiet_ = what.stop->is_quiet;
        machine_.stop({.why = std::move(what.stop->why)});
    } else if (until_ && clock::now() >= *until_) {
        machine_.stop({.why = {.code = errc::timeout,
                               .message = "the pipeline \"" + plan_->name + "\" had not ended at its deadline",
                               .clock = call_clock::deadline}});
    }
}

void pipeline_driver::state::publish() {
    const std::lock_guard lock(mutex_);
    summary_ = machine_.summary();
    summary_.over = false;  // until why() is known
    if (!delivered_.empty()) {
        for (raw_outcome& one : delivered_) outcomes_.push_back(std::move(one));
        delivered_.clear();
        arrived_.notify_one();
    }
    if (!noted_.empty()) {
        for (event& one : noted_) events_.put(std::move(one));
        noted_.clear();
        noted_some_.notify_one();
    }
}

void pipeline_driver::state::end_run() {
    input_.reset();
    publish();
    const std::lock_guard lock(mutex_);
    summary_ = machine_.summary();
    if (!is_quiet_) why_ = machine_.why();
    over_ = true;
    arrived_.notify_all();
    noted_some_.notify_all();
}

std::optional<raw_outcome> pipeline_driver::state::next() {
    if (at_hand_.empty()) {
        const lent_slot lent;
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return !outcomes_.empty() || over_; });
        at_hand_.swap(outcomes_);
    }
    if (at_hand_.empty()) {
        if (why_) throw_why();
        return std::nullopt;
    }
    raw_outcome first = std::move(at_hand_.front());
    at_hand_.pop_front();
    // Told a few at a time: each time may wake the run's thread.
    if (++taken_untold_ >= 16 || at_hand_.empty()) {
        tell([this](news& of) { of.taken += std::exchange(taken_untold_, 0); });
    }
    return first;
}

void pipeline_driver::state::throw_why() const {
    if (why_->thrown) std::rethrow_exception(why_->thrown);
    if (why_->at) {
        const auto& step = plan_->nodes[*why_->at].what;
        const auto* call = std::get_if<call_node>(&step);
        const auto* block = std::get_if<block_node>(&step);
        if (call != nullptr && call->task.rethrow != nullptr) call->task.rethrow(why_->why);
        if (block != nullptr && block->rethrow != nullptr) block->rethrow(why_->why);
    }
    throw_failure(why_->why);
}

std::optional<event> pipeline_driver::state::next_event() {
    const lent_slot lent;
    std::unique_lock lock(mutex_);
    noted_some_.wait(lock, [this] { return !events_.empty() || over_; });
    return events_.take();
}

pipeline_driver::pipeline_driver(std::shared_ptr<const plan_graph> plan, std::unique_ptr<item_source> input,
                                 pipeline_setup setup)
    : state_(std::make_shared<state>(std::move(plan), std::move(input), std::move(setup))) {
    state_->start();
}

pipeline_driver::~pipeline_driver() { state_->finish(); }

std::optional<raw_outcome> pipeline_driver::next() { return state_->next(); }

std::optional<event> pipeline_driver::next_event() { return state_->next_event(); }

void pipeline_driver::cancel() { state_->cancel(); }

pipeline_summary pipeline_driver::summary() const { return state_->summary(); }

}  // namespace sheaf::detail
