// Formatting and drawing the progress line.
#include "map_reduce/progress_line.hpp"

#include <algorithm>
#include <utility>

#include "report/units_text.hpp"

namespace sheaf::detail {
double share_done(const run_progress& at) {
    if (at.bytes != 0) return std::min(1.0, static_cast<double>(at.bytes_done) / static_cast<double>(at.bytes));
    return at.units != 0 ? static_cast<double>(at.units_done) / at.units : 0;
}

std::optional<std::chrono::milliseconds> time_left(const run_progress& at) {
    const double share = share_done(at);
    if (share < 0.02 || at.elapsed < std::chrono::milliseconds(200)) return std::nullopt;
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(at.elapsed.count()) * (1 - share) / share));
}

std::string format_progress(std::string_view job, const run_progress& at, std::size_t columns) {
    std::string line(job);
    line += at.stage == run_stage::map ? ": map " : ": reduce ";
    line += std::to_string(static_cast<int>(share_done(at) * 100)) + "%, ";
    if (at.bytes != 0) {
        line += bytes_text(at.bytes_done) + " of " + bytes_text(at.bytes);
        if (at.elapsed.count() > 0) {
            line += ", " + bytes_text(at.bytes_done * 1000 / static_cast<std::uint64_t>(at.elapsed.count())) + "/s";
        }
    } else {
        line += count_text(at.units_done) + " of " + count_text(at.units, "partition");
    }
    if (const auto left = time_left(at)) line += ", " + duration_text(*left) + " left";
    if (at.retries != 0) line += ", " + count_text(at.retries) + (at.retries == 1 ? " retry" : " retries");
    if (at.waits_for_workers) line += ", waiting for workers";
    return line.substr(0, columns);
}

progress_line::progress_line(std::string job, bool wanted) : job_(std::move(job)), line_(wanted) {}

void progress_line::draw(const run_progress& at, time_point now) {
    if (line_.is_due(now)) line_.draw(format_progress(job_, at, terminal_line::columns()), now);
}

}  // namespace sheaf::detail
