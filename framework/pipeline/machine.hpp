// Sends the items of one run through its plan. Pure: what happens goes in by calls, with the time as an argument, and what is to
// be done comes out through effects. The plan's own functions are called on the way.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "pipeline/item_ledger.hpp"
#include "pipeline/order_gate.hpp"
#include "pipeline/plan_route.hpp"
#include <sheaf/detail/plan_graph.hpp>
#include <sheaf/pipeline_events.hpp>

namespace sheaf::detail {

/// Names a call that the machine wants made.
using call_tag = std::uint64_t;

/// What the machine wants done.
class pipeline_effects {
  public:
    virtual ~pipeline_effects() = default;
    /// Call `task` and say call_ended(tag) later, not from within.
    virtual void send(call_tag tag, const call_node& task, std::string arguments) = 0;
    /// Run `what` on a thread of its own and say call_ended(tag) later, not from within.
    virtual void start(call_tag tag, const block_node& what, shared_bytes item) = 0;
    /// Nobody waits for the call any more; its end need not be said.
    virtual void cancel(call_tag tag) = 0;
    virtual void deliver(std::uint64_t index, shared_bytes outcome) = 0;
    virtual void note(event what) = 0;
};

struct machine_limits {
    bool in_order = false;
    std::size_t items = 0;  ///< 0: what the plan wants
    std::size_t bytes = std::size_t{256} << 20;
    std::size_t calls = 0;                 ///< 0: what the stages' windows allow
    std::size_t window = 64;               ///< of stages that do not say
    std::optional<std::uint64_t> total{};  ///< how many items the input has, if that is known
};

/// Why a run ended before its input did.
struct run_failure {
    failure why;
    std::optional<node_index> at{};  ///< the stage that failed
    std::exception_ptr thrown{};     ///< by a local function
};

class pipeline_machine {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `plan` and `effects` must outlive it.
    pipeline_machine(const plan_graph& plan, const machine_limits& limits, pipeline_effects& effects, time_point now);
    pipeline_machine(const pipeline_machine&) = delete;
    pipeline_machine& operator=(const pipeline_machine&) = delete;
    ~pipeline_machine();

    /// Whether there is room for another item of the input.
    [[nodiscard]] bool wants_item() const;
    void offer(shared_bytes item);
    void input_ended() { input_ended_ = true; }

    /// What is not known, or no more, changes nothing.
    void call_ended(call_tag tag, raw_result outcome);
    void call_retried(call_tag tag, unsigned attempt, failure why);
    void call_warned(call_tag tag, std::string_view text);

    /// The first `count` outcomes of those delivered have been taken.
    void taken(std::size_t count);
    /// Ends the run: nothing more is sent, what is out is cancelled.
    void stop(run_failure why);

    /// Does all that can be done. To be called after any of the above, and at due().
    void turn(time_point now);
    /// When turn() has something to do although nothing happens.
    [[nodiscard]] std::optional<time_point> due() const;

    /// Nothing more will happen but taken().
    [[nodiscard]] bool is_over() const noexcept { return over_; }
    /// Of a run that is over: why it ended early.
    [[nodiscard]] const std::optional<run_failure>& why() const noexcept { return why_; }
    [[nodiscard]] pipeline_summary summary() const;
    [[nodiscard]] std::size_t held_bytes() const noexcept { return held_bytes_; }
    [[nodiscard]] std::size_t calls_out() const noexcept { return calls_out_; }

  private:
    using frame_index = std::uint32_t;
    static constexpr frame_index no_frame = ~frame_index{0};

    /// What something is a part of.
    struct lineage {
        std::uint64_t number = 0;  ///< by which it is put in order on the main line
        item_index item = 0;
        frame_index frame = no_frame;  ///< where it will meet the other parts
        std::uint32_t slot = 0;        ///< and which of them it is
    };
    /// An item, or a part of one, at a node.
    struct token {
        shared_bytes payload;
        lineage of;
        node_index at = 0;
        std::uint32_t generation = 0;
        bool used = false;
        bool is_out = false;     ///< a call is out for it
        bool holds_key = false;  ///< others of its key wait for it
        std::string key{};
    };
    struct token_ref {
        std::uint32_t index = 0;
        std::uint32_t generation = 0;
    };
    /// Parts of an item that are to meet.
    struct frame {
        node_index opener = 0;
        node_index gate = 0;
        lineage whole;
        std::vector<std::optional<shared_bytes>> parts;
        std::size_t missing = 0;                     ///< parts that are on their way
        std::unique_ptr<element_source> elements{};  ///< of each: those that have not been sent on their way
        bool used = false;
    };
    /// An item that flatten takes apart.
    struct opened_item {
        std::unique_ptr<element_source> elements;
        item_index item = 0;
        std::size_t bytes = 0;
    };
    struct node_state {
        std::deque<token_ref> waiting;
        order_gate<token_ref> order;
        std::size_t live = 0;  ///< tokens at the node, and containers it is taking apart
        std::size_t out = 0;
        std::size_t out_bytes = 0;
        std::unordered_map<std::string, std::deque<token_ref>> keys;  ///< that are out, and who waits for them
        std::deque<frame_index> spreading;
        std::deque<opened_item> flattening;
        std::vector<token_ref> batch;
        time_point batch_began{};
        std::uint64_t numbered = 0;  ///< items that batch or flatten have made
        stage_summary counts;
    };
    struct untaken_outcome {
        item_index item = 0;
        std::size_t bytes = 0;
    };

    static constexpr call_tag tag_of(token_ref which) noexcept {
        return std::uint64_t{which.generation} << 32 | which.index;
    }
    static constexpr token_ref ref_of(call_tag tag) noexcept {
        return {static_cast<std::uint32_t>(tag), static_cast<std::uint32_t>(tag >> 32)};
    }

    // Tokens and frames (machine_frames.cpp).
    token_ref make_token(const lineage& of, shared_bytes payload);
    [[nodiscard]] token* find(token_ref which);
    [[nodiscard]] token& get(token_ref which) { return tokens_[which.index]; }
    void free_token(token_ref which);
    void set_payload(token& of, shared_bytes payload);
    void hold_bytes(std::size_t bytes);
    frame_index open_frame(node_index opener, node_index gate, const lineage& whole);
    void fill(const lineage& part, shared_bytes payload);
    void leave_out(frame_index in);
    void close_if_complete(frame_index which);
    void free_frame(frame_index which);
    [[nodiscard]] bool is_within(frame_index inner, frame_index outer) const;
    void purge(frame_index which);
    void purge_token(std::uint32_t index);

    // The way of a token (machine.cpp).
    void arrive(token_ref which, node_index at);
    void release_in_order(node_index at);
    void move_on(token_ref which, node_index to);
    void pass_on(token_ref which, shared_bytes result);
    void choose_branch(token_ref which, const choose_node& what);
    void leave(token_ref which);
    void deliver(token_ref which);
    void skip_numbers_after(node_index at, std::uint64_t number);

    // Its untimely end (machine_ends.cpp).
    void lose(token_ref which, failure why, std::exception_ptr thrown = {});
    void lose_thrown(token_ref which);
    void drop(token_ref which, bool has_failed);
    void forget(const lineage& what, node_index at, bool has_failed);
    void end();
    void note_stages_done();
    void note_progress();

    // What nodes do: whether something happened (machine_steps.cpp and machine_groups.cpp).
    bool run(node_index at);
    bool run(node_index at, const call_node& what);
    bool run(node_index at, const apply_node& what);
    bool run(node_index at, const keep_node& what);
    bool run(node_index at, const block_node& what);
    bool run(node_index at, const pass_node& what);
    bool run(node_index at, const spread_node& what);
    bool run(node_index at, const fork_node& what);
    bool run(node_index at, const gate_node& what);
    bool run(node_index at, const choose_node& what);
    bool run(node_index at, const batch_node& what);
    bool run(node_index at, const flatten_node& what);
    std::optional<token_ref> next_waiting(node_index at);
    bool claim_key(token_ref which, const call_node& what);
    void hand_on_key(token& of, node_state& state);
    void call(token_ref which, const call_node& what);
    void count_out(token_ref which);
    void count_back(token_ref which);
    [[nodiscard]] bool has_call_room(node_index at, const call_node& what) const;
    [[nodiscard]] bool has_room(node_index at) const;
    void send_elements(node_index at, const spread_node& what);
    bool flatten_more(node_index at);
    void close_batch(node_index at, const batch_node& what);
    bool close_due_batches();
    bool close_stalled_batch();
    [[nodiscard]] node_index first_live() const;

    const plan_graph& plan_;
    plan_route route_;
    machine_limits limits_;
    pipeline_effects& effects_;
    pipeline_summary totals_;
    item_ledger ledger_{totals_};
    std::vector<node_state> states_;  // one more than nodes: the end
    std::vector<token> tokens_;
    std::vector<std::uint32_t> free_tokens_;
    std::vector<frame> frames_;
    std::vector<frame_index> free_frames_;
    std::deque<untaken_outcome> untaken_;
    std::uint64_t offered_ = 0;
    std::size_t held_bytes_ = 0;
    std::size_t calls_out_ = 0;
    node_index stages_done_ = 0;
    bool input_ended_ = false;
    bool over_ = false;
    std::optional<run_failure> why_;
    time_point began_;
    time_point now_;
    time_point last_progress_;
    std::uint64_t progress_noted_ = 0;
};

}  // namespace sheaf::detail
