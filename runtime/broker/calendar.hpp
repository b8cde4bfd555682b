// Times that are given as cron's five fields: SUBMIT_JOB_SCHED.
#pragma once

#include <optional>
#include <string_view>

#include "broker/types.hpp"

namespace sheaf::broker {

/// The fields as they came. Each is a number, `*` or nothing for any, or what cron knows besides: a range `1-5`, a step
/// `*/15` or `0-30/10`, and several of these with commas between.
struct calendar_fields {
    std::string_view minute{};   ///< 0 to 59
    std::string_view hour{};     ///< 0 to 23, UTC
    std::string_view day{};      ///< of the month, from 1
    std::string_view month{};    ///< from 1
    std::string_view weekday{};  ///< 0 to 6, and 0 is Monday, as Gearman's PROTOCOL says
};

/// The first full minute from `now` on that the fields name. As with cron, when both `day` and `weekday` are given, either will
/// do. Empty when the fields make no sense, or name no day at all, such as the 30th of February.
[[nodiscard]] std::optional<wall_time> next_time(const calendar_fields& fields, wall_time now);

}  // namespace sheaf::broker
