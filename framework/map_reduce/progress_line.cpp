// Formatting and drawing the progress line.
#include "map_reduce/progress_line.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "report/units_text.hpp"

namespace sheaf {

double map_reduce_progress::fraction() const {
    if (bytes != 0) return std::min(1.0, static_cast<double>(bytes_done) / static_cast<double>(bytes));
    return units != 0 ? static_cast<double>(units_done) / units : 0;
}

std::optional<std::chrono::milliseconds> map_reduce_progress::time_left() const {
    const double share = fraction();
    if (share < 0.02 || elapsed < std::chrono::milliseconds(200)) return std::nullopt;
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(elapsed.count()) * (1 - share) / share));
}

namespace detail {
namespace {

constexpr const char* stage_names[] = {": sample ", ": map ", ": merge ", ": reduce "};
constexpr const char* unit_names[] = {"sample", "split", "group", "partition"};

}  // namespace

std::string format_progress(std::string_view job, const map_reduce_progress& at, std::size_t columns) {
    std::string line(job);
    const auto stage = static_cast<std::size_t>(at.stage);
    line += stage_names[stage];
    line += std::to_string(static_cast<int>(at.fraction() * 100)) + "%, ";
    if (at.bytes != 0) {
        line += bytes_text(at.bytes_done) + " of " + bytes_text(at.bytes);
        if (at.elapsed.count() > 0) {
            line += ", " + bytes_text(at.bytes_done * 1000 / static_cast<std::uint64_t>(at.elapsed.count())) + "/s";
        }
    } else {
        line += count_text(at.units_done) + " of " + count_text(at.units, unit_names[stage]);
    }
    if (const auto left = at.time_left()) line += ", " + duration_text(*left) + " left";
    if (at.retries != 0) line += ", " + count_text(at.retries) + (at.retries == 1 ? " retry" : " retries");
    if (at.waits_for_workers) line += ", waiting for workers";
    return line.substr(0, columns);
}

progress_line::progress_line(std::string job, bool wanted) : job_(std::move(job)), wanted_(wanted), line_(wanted) {}

void progress_line::draw(const map_reduce_progress& at, time_point now) {
    if (line_.is_due(now)) line_.draw(format_progress(job_, at, terminal_line::columns()), now);
}

void progress_line::say(const std::string& what) {
    if (!wanted_) return;
    line_.erase();
    std::fprintf(stderr, "%s: %s\n", job_.c_str(), what.c_str());
}

}  // namespace detail
}  // namespace sheaf
