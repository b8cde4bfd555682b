// Where items go in a plan, and where they must be in order. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <sheaf/detail/plan_graph.hpp>

namespace sheaf::detail {

/// What can be known of a plan before it runs. `plan` must outlive it.
class plan_route {
  public:
    /// `in_order`: outcomes must come in the order of the input. `window`: of stages that do not say.
    plan_route(const plan_graph& plan, bool in_order, std::size_t window);

    /// The place after the last node, where outcomes are delivered.
    [[nodiscard]] node_index end() const noexcept { return static_cast<node_index>(plan_.nodes.size()); }
    /// Where what leaves node `at` goes.
    [[nodiscard]] node_index after(node_index at) const noexcept;
    /// Whether the parts of an item meet at `at`.
    [[nodiscard]] bool is_gate(node_index at) const noexcept;
    /// Whether items come to `at` in the order in which they were numbered.
    [[nodiscard]] bool is_ordered(node_index at) const noexcept { return ordered_[at]; }
    /// The first ordered place after `at` on the main line, if the items have the same numbers there.
    [[nodiscard]] std::optional<node_index> ordered_after(node_index at) const noexcept;
    /// How many calls node `at` may have out.
    [[nodiscard]] std::size_t window(node_index at) const noexcept { return windows_[at]; }
    /// How many items should wait for node `at` to keep it busy.
    [[nodiscard]] std::size_t ahead(node_index at) const noexcept { return ahead_[at]; }
    /// Items that the plan needs at hand to keep all stages busy, and at least to go on at all.
    [[nodiscard]] std::size_t items_wanted() const noexcept;
    [[nodiscard]] std::size_t items_needed() const noexcept { return batched_; }

  private:
    [[nodiscard]] node_index on_main_line(node_index at) const noexcept;

    const plan_graph& plan_;
    std::vector<bool> ordered_;
    std::vector<std::size_t> windows_;
    std::vector<std::size_t> ahead_;
    std::size_t batched_ = 1;  // items of the input that all batches together hold
};

}  // namespace sheaf::detail
