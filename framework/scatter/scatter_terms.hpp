// What a scatter's options come to. Pure.
#pragma once

#include <chrono>
#include <cstddef>

#include "scatter/job_pace.hpp"
#include "scatter/pack_sizer.hpp"
#include "scatter/scatter_window.hpp"
#include <sheaf/detail/call_engine.hpp>
#include <sheaf/scatter_options.hpp>

namespace sheaf::detail {

/// `time` after `from`, or the end of time.
[[nodiscard]] std::chrono::steady_clock::time_point later(std::chrono::steady_clock::time_point from,
                                                          std::chrono::milliseconds time) noexcept;

/// Throws call_error when hedging was asked for that cannot be.
void check_hedge(const raw_call& frame, const scatter_options& how);
/// Whether the calls travel in packs. Throws call_error when packs were asked for that cannot be.
[[nodiscard]] bool travels_in_packs(const raw_call& frame, const scatter_options& how);

[[nodiscard]] pack_sizer sizer_for(const scatter_options& how, std::size_t workers);
[[nodiscard]] scatter_window window_for(const scatter_options& how, std::size_t workers, bool packs);

[[nodiscard]] job_pace pace_for(const scatter_options& how, std::size_t workers);

/// Whether `why`, the end of a whole pack, leaves open which of its calls is to blame: then each is made singly.
[[nodiscard]] bool blames_nobody(const failure& why) noexcept;

}  // namespace sheaf::detail
