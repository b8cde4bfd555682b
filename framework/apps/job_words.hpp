// What a person reads of background jobs. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "background/detached_report.hpp"
#include "background/job_report.hpp"

namespace sheaf::apps {

using wall_time = std::chrono::system_clock::time_point;

/// Several lines, the first of them with the handle.
[[nodiscard]] std::string words_of(const background_status& status, wall_time now);

/// A table, newest first, and how many there are beyond it.
[[nodiscard]] std::string words_of(const detail::dead_list& list, wall_time now);

/// All that is known of one, with its payload, what its worker sent and the end of its log.
[[nodiscard]] std::string words_of(const detail::dead_letter& letter, wall_time now);

/// A table of runs, newest first, and how many there are beyond it.
[[nodiscard]] std::string words_of(const detail::detached_list& list, wall_time now);

/// All that the server knows of one run.
[[nodiscard]] std::string words_of(const detail::detached_report& run, wall_time now);

/// What a worker sent with WORK_EXCEPTION in this attempt of its job, 0 if that is not known: of ours, what they say about
/// themselves; else the bytes, fit for a terminal.
[[nodiscard]] std::string words_of_exception(std::string_view bytes, unsigned attempt);

}  // namespace sheaf::apps
