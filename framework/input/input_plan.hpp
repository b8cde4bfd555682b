// From what a user says of a run's inputs to splits: what is looked at and cut before the first attempt starts.
#pragma once

#include <cstdint>
#include <vector>

#include "input/split_plan.hpp"
#include <sheaf/input.hpp>

namespace sheaf::detail {

struct input_plan {
    input_formats formats;    ///< by input_piece::input
    input_list list;          ///< the files of all inputs
    std::uint64_t bytes = 0;  ///< of all inputs, as they are: compressed, say. Numbers have eight each
    std::vector<input_split> splits;
};

/// An input that is not given (see sheaf::input) has no records.
[[nodiscard]] basic_result<input_plan, error> plan_inputs(const std::vector<input>& inputs, const split_policy& how,
                                                          const remote_opener& open = {});

}  // namespace sheaf::detail
