#include <sheaf/detail/map_attempt.hpp>

namespace sheaf::detail {

segment_writer open_segment(const map_assignment& what, value_framing framing) {
    check_run_directory(what.run_directory, what.run_nonce);
    return segment_writer(
        what.run_directory,
        "map-" + std::to_string(what.index) + "-" + std::to_string(what.attempt) + "-" + unique_suffix(),
        what.partitions, framing);
}

std::uint64_t for_each_piece(const map_assignment& what, const attempt_hooks& hooks,
                             const std::function<void(const text_split&)>& map_piece) {
    std::uint64_t total = 0;
    for (const input_piece& one : what.pieces) total += one.length;
    progress_gauge gauge(hooks, total);
    std::uint64_t bytes = 0;
    for (const input_piece& one : what.pieces) {
        check_stop(hooks.stop);
        const mapped_piece piece(one);
        const text_split text = piece.split();
        try {
            if (!text.text().empty()) map_piece(text);
        } catch (...) {
            // What a mapper makes of zeros that stand for a torn file says nothing; that the file is torn does.
            piece.check_unchanged();
            throw;
        }
        piece.check_unchanged();
        bytes += text.text().size();
        gauge.advance(one.length);
    }
    return bytes;
}

}  // namespace sheaf::detail
