// One visit of a detached run: walks the plan from one node, as far as it goes without waiting for anybody. Pure, except for the
// plan's own functions, which are called on the way.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/plan_route.hpp"
#include "protocol/run_orders.hpp"
#include <sheaf/detail/plan_graph.hpp>

namespace sheaf::detail {

/// How often the host of the workers tries one job of a detached run whose workers die. A run is there to outlive them, so that is
/// not the stage's own number of attempts.
inline constexpr unsigned lost_workers_max = 3;

/// As request_terms::call: whoever cancels a run knows the handles of its jobs.
inline constexpr std::uint64_t named_by_handle = 0;

/// Used for one visit.
class plan_walk {
  public:
    /// `plan` must outlive it. `random` draws from all numbers: for the names of attempts, and for the jitter of pauses.
    plan_walk(const plan_graph& plan, std::function<std::uint64_t()> random);

    /// What the visit leads to, as protocol::write_orders() has it. Throws decode_error when it does not fit the plan.
    [[nodiscard]] std::string visit(const protocol::run_visit& what);

  private:
    using place = protocol::order_place;

    /// Something at a node.
    struct token {
        shared_bytes payload;
        place where;
        node_index at = 0;
    };
    struct frame {
        place whole;
        node_index gate = 0;
        protocol::frame_rule rule = protocol::frame_rule::leave_out;
        std::vector<std::optional<shared_bytes>> parts{};
        std::vector<bool> settled{};  ///< of each part: it is there, or will never come
        std::size_t missing = 0;
        bool is_open = true;
    };
    struct made_call {
        place where;
        node_index at = 0;
        shared_bytes request;
        unsigned tried = 0;
        std::chrono::milliseconds delay{0};
    };

    // How it begins.
    void begin(const protocol::run_visit& what);
    void begin_with_end(const protocol::run_visit& what);
    void begin_with_parts(const protocol::run_visit& what);
    void decide(node_index at, const std::vector<protocol::frame_part>& parts);
    [[nodiscard]] std::optional<shared_bytes> read_part(const protocol::frame_part& part, failure& why) const;

    // What the nodes do.
    void step(token at);
    void act(token& at, const call_node& what);
    void act(token& at, const apply_node& what);
    void act(token& at, const keep_node& what);
    void act(token& at, const block_node& what);
    void act(token& at, const pass_node& what);
    void act(token& at, const spread_node& what);
    void act(token& at, const fork_node& what);
    void act(token& at, const gate_node& what);
    void act(token& at, const choose_node& what);
    void act(token& at, const batch_node& what);
    void act(token& at, const flatten_node& what);

    void pass_on(const place& where, node_index from, shared_bytes result);
    void move_on(const place& where, node_index to, shared_bytes payload);
    void lose(const place& where, node_index at, failure why);
    void drop(const place& where);
    void end_with(protocol::run_end how, shared_bytes outcome);
    void fail_with(const failure& why);

    std::uint32_t open_frame(const place& whole, node_index gate, protocol::frame_rule rule, std::size_t parts);
    void settle(const place& where, std::optional<shared_bytes> part);
    void close_if_complete(std::uint32_t which);
    [[nodiscard]] frame& at(std::uint32_t which) { return frames_[which - 1]; }
    [[nodiscard]] bool is_alive(std::uint32_t which) const;

    [[nodiscard]] raw_result read_result(const call_node& what, const protocol::run_visit& end) const;
    void call_again(const protocol::run_visit& failed, const call_node& what);
    [[nodiscard]] std::string write() const;

    const plan_graph& plan_;
    plan_route route_;
    std::function<std::uint64_t()> random_;

    std::deque<token> todo_;
    std::vector<frame> frames_;
    std::vector<made_call> calls_;
    std::optional<std::optional<shared_bytes>> own_part_;  ///< what came to the visit's own place, which may be nothing
    protocol::run_end end_ = protocol::run_end::none;
    shared_bytes outcome_;
    std::string why_;  // of a failure
};

}  // namespace sheaf::detail
