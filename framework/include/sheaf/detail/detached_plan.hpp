// A plan as servers run it. Not for users.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <sheaf/detail/binding.hpp>
#include <sheaf/detail/plan_graph.hpp>

namespace sheaf::detail {

/// The Gearman function under which workers that know `plan` walk it. Another plan of the same name has another one: so runs are
/// walked by workers that have the plan they began with.
[[nodiscard]] std::string plan_function(const plan_graph& plan);
/// Throws not_supported, which names the step and says what to do, when a run of `plan` cannot be detached.
void check_detachable(const plan_graph& plan);
/// What workers offer so that `plan` can be detached. Throws as check_detachable().
[[nodiscard]] std::vector<binding> plan_bindings(std::shared_ptr<const plan_graph> plan);

}  // namespace sheaf::detail
