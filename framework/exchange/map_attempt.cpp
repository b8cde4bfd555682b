#include <sheaf/detail/map_attempt.hpp>

namespace sheaf::detail {

segment_writer open_segment(const map_assignment& what, value_framing framing) {
    check_run_directory(what.run_directory, what.run_nonce);
    return segment_writer(
        what.run_directory,
        "map-" + std::to_string(what.index) + "-" + std::to_string(what.attempt) + "-" + unique_suffix(),
        what.partitions, framing);
}

}  // namespace sheaf::detail
