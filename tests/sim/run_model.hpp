// Runs of random plans of which it is known beforehand how they end, whatever fails on the way.
//
// The item of such a run is the orders that its first visit answers with. All that its workers need to know later is in the
// numbers of nodes and in the payloads of calls: how often a call fails before it gives its value, or before its part is given up.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "broker/run_change.hpp"
#include "broker/types.hpp"

namespace sheaf::sim {

/// A number below its argument, at random.
using dice = std::function<std::uint64_t(std::uint64_t)>;

struct model_run {
    std::string item;
    broker::run_state state{};  ///< as which it ends, unless somebody interferes
    std::string outcome;        ///< of a value
};
[[nodiscard]] model_run draw_run(const dice& roll);

/// The function under which workers walk the model's plans.
inline constexpr const char* plan_function = "plan";

/// What a worker answers to a visit.
[[nodiscard]] std::string walk_model(std::string_view visit, const dice& roll);

/// What a worker answers to a job of a model's call; see is_of_model().
struct call_answer {
    bool fails = false;
    std::string value;
};
[[nodiscard]] bool is_of_model(std::string_view payload);
[[nodiscard]] call_answer answer_call(std::string_view payload);

}  // namespace sheaf::sim
