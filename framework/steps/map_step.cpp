#include <sheaf/detail/map_step.hpp>
#include <sheaf/detail/merge_step.hpp>

namespace sheaf::detail {

void check_input_number(std::uint32_t number, std::size_t inputs) {
    if (number < inputs) return;
    throw unit_refused("the run has an input more than the job has mappers, which are " + std::to_string(inputs) +
                       ": give `.inputs` one for each map_with() and and_map_with()");
}

void check_text_format(const output_format& how) {
    if (how.encoding == output_encoding::text) return;
    throw unit_refused(
        "the job writes text of its own, which is no record of CSV or of a type: use text_parts() or single_file(), or "
        "give "
        "the job reduce_to<key, value>() or join_to<key, value>() in place of reduce_with() or join_with()");
}

std::string map_output_name(const map_assignment& what) {
    return attempt_file_prefix("map", what.index, what.attempt) + unique_suffix();
}

std::string merge_output_name(const reduce_assignment& what) {
    return "merge-" + std::to_string(what.attempt) + "-" + unique_suffix();
}

}  // namespace sheaf::detail
