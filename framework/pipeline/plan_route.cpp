#include "pipeline/plan_route.hpp"

#include <algorithm>
#include <numeric>

namespace sheaf::detail {
namespace {

// Waiting for steps that take no time: only bounds what one turn makes at once.
constexpr std::size_t local_ahead = 64;

bool renumbers(const plan_node& node) {
    return std::holds_alternative<batch_node>(node.what) || std::holds_alternative<flatten_node>(node.what);
}

std::size_t window_of(const plan_node& node, std::size_t otherwise) {
    if (const auto* call = std::get_if<call_node>(&node.what)) {
        return call->window.count == 0 ? otherwise : call->window.count;
    }
    if (const auto* block = std::get_if<block_node>(&node.what)) return std::max<std::size_t>(block->window, 1);
    return 0;
}

}  // namespace

plan_route::plan_route(const plan_graph& plan, bool in_order, std::size_t window) : plan_(plan) {
    for (const plan_node& node : plan.nodes) {
        ordered_.push_back(node.ordered || (in_order && renumbers(node)));
        windows_.push_back(window_of(node, std::max<std::size_t>(window, 1)));
        const auto* batch = std::get_if<batch_node>(&node.what);
        if (batch != nullptr) batched_ *= std::max<std::size_t>(batch->size, 1);
        ahead_.push_back(
            std::max({windows_.back(), batch != nullptr ? batch->size : 0, windows_.back() == 0 ? local_ahead : 0}));
    }
    ordered_.push_back(in_order);
}

node_index plan_route::after(node_index at) const noexcept {
    const node_index next = plan_.nodes[at].next;
    return next == open_end ? end() : next;
}

bool plan_route::is_gate(node_index at) const noexcept {
    return at < end() && std::holds_alternative<gate_node>(plan_.nodes[at].what);
}

node_index plan_route::on_main_line(node_index at) const noexcept {
    if (const auto* spread = std::get_if<spread_node>(&plan_.nodes[at].what)) return spread->gate;
    return after(at);
}

std::optional<node_index> plan_route::ordered_after(node_index at) const noexcept {
    if (renumbers(plan_.nodes[at])) return std::nullopt;
    for (node_index next = on_main_line(at); next <= end(); next = on_main_line(next)) {
        if (is_ordered(next)) return next;
        if (next == end() || renumbers(plan_.nodes[next])) return std::nullopt;
    }
    return std::nullopt;
}

std::size_t plan_route::items_wanted() const noexcept {
    const std::size_t windows = std::accumulate(windows_.begin(), windows_.end(), std::size_t{0});
    return 2 * std::max(windows, local_ahead / 2) + 2 * batched_;
}

}  // namespace sheaf::detail
