// What makes a run the same as one that another driver has left: everything that its results depend on, as far as the driver knows it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "input/input_plan.hpp"
#include "map_reduce/run_notes.hpp"
#include <sheaf/map_reduce_options.hpp>

namespace sheaf::detail {

/// The fingerprint of an input: of its files with their sizes and what else tells their states apart, of their formats, and of
/// values that are given.
[[nodiscard]] std::uint64_t fingerprint_of(const input_plan& input);

/// `types`: the fingerprint of what driver and workers tell each other. What only says how the work is done (memory, compression, how
/// many bad records there may be) is no part of it: units are the same with or without.
[[nodiscard]] std::vector<run_trait> identity_of(std::string_view job, std::uint64_t types, const input_plan& input,
                                                 const map_reduce_options& how);

/// What is not the same, for a person: "input, side data". Empty when all is.
[[nodiscard]] std::string difference_of(const std::vector<run_trait>& left, const std::vector<run_trait>& right);

}  // namespace sheaf::detail
