// Printing a run's report.
#include <ostream>

#include "base/printable.hpp"
#include "report/units_text.hpp"
#include <sheaf/map_reduce_report.hpp>
#include <sheaf/run_report.hpp>

namespace sheaf {
namespace {

using detail::bytes_text;
using detail::count_text;
using detail::duration_text;

std::string rate_text(std::uint64_t bytes, std::chrono::milliseconds time) {
    if (time.count() <= 0) return {};
    return " (" + bytes_text(bytes * 1000 / static_cast<std::uint64_t>(time.count())) + "/s)";
}

// What went wrong and was put right, ", 2 retries, 1 lost worker"; empty in a good run.
std::string troubles(const map_reduce_report& report) {
    std::string text;
    const auto add = [&](std::uint64_t count, const char* one, const char* many) {
        if (count != 0) text += ", " + count_text(count) + (count == 1 ? one : many);
    };
    add(report.retries, " retry", " retries");
    add(report.backups, " backup", " backups");
    add(report.workers_lost, " lost worker", " lost workers");
    add(report.units_resumed, " unit resumed", " units resumed");
    add(report.segments_lost, " lost segment", " lost segments");
    return text;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const map_reduce_report& report) {
    out << "input     " << bytes_text(report.input_bytes) << " in " << count_text(report.input_files, "file");
    if (report.input_skipped != 0) out << ", " << count_text(report.input_skipped) << " skipped that were no files";
    out << ", " << count_text(report.splits, "split") << '\n'
        << "map       " << count_text(report.records, "record") << " in " << bytes_text(report.shuffled_bytes) << ", "
        << count_text(report.spills, "spill") << ", " << duration_text(report.map_time) << '\n'
        << "reduce    " << count_text(report.keys, "key") << ", " << duration_text(report.reduce_time) << '\n'
        << "attempts  " << count_text(report.attempts) << troubles(report) << '\n'
        << "wall      " << duration_text(report.wall_time) << rate_text(report.input_bytes, report.wall_time) << '\n'
        << "output    " << (report.output.empty() ? "" : report.output + ", ")
        << count_text(report.files.size(), "file") << ", " << bytes_text(report.output_bytes) << '\n';
    for (const auto& [name, count] : report.counters)
        out << "counter   " << printable(name) << ' ' << count_text(count) << '\n';
    for (const std::string& one : findings(report)) out << "odd       " << one << '\n';
    return out;
}

}  // namespace sheaf
