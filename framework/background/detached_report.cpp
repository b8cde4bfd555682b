#include "background/detached_report.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "background/report_object.hpp"

namespace sheaf::detail {
namespace {

constexpr std::array<std::pair<std::string_view, detached_state>, 5> state_names{{
    {"unknown", detached_state::unknown},
    {"running", detached_state::running},
    {"done", detached_state::done},
    {"failed", detached_state::failed},
    {"cancelled", detached_state::cancelled},
}};

detached_state state_in(std::string_view name) {
    const auto* const found = std::ranges::find(state_names, name, [](const auto& one) { return one.first; });
    return found == state_names.end() ? detached_state::unknown : found->second;
}

detached_report report_in(const object_view& about) {
    detached_report report{.run = about.text("run"),
                           .state = state_in(about.text("state")),
                           .why = about.text("why"),
                           .taker = about.text("taker"),
                           .function = about.text("function"),
                           .began = about.time("began_ms"),
                           .expires = about.time("expires_ms"),
                           .done = about.number<std::uint64_t>("done").value_or(0)};
    about.for_each("stages", [&](const object_view& stage) {
        const detached_counts counts{.node = stage.number<std::uint32_t>("node").value_or(0),
                                     .waiting = stage.number<std::uint64_t>("waiting").value_or(0),
                                     .running = stage.number<std::uint64_t>("running").value_or(0),
                                     .done = stage.number<std::uint64_t>("done").value_or(0)};
        report.done += counts.done;
        report.stages.push_back(counts);
    });
    return report;
}

}  // namespace

basic_result<detached_report> read_detached(std::string_view json) { return with_object(json, report_in); }

bool knows_run(std::string_view json) {
    const auto report = read_detached(json);
    return report && report->state != detached_state::unknown;
}

basic_result<detached_list> read_detached_list(std::string_view json) {
    return with_object(json, [](const object_view& about) {
        detached_list list;
        list.total = about.number<std::uint64_t>("total").value_or(0);
        about.for_each("runs", [&](const object_view& one) { list.runs.push_back(report_in(one)); });
        return list;
    });
}

std::string_view to_string(detached_state state) noexcept {
    const auto* const found = std::ranges::find(state_names, state, [](const auto& one) { return one.second; });
    return found == state_names.end() ? "unknown" : found->first;
}

}  // namespace sheaf::detail
