// What a map/reduce run did, for people and programs: JSON, a page for browsers, a trace, and what was odd about it.
#pragma once

#include <string>
#include <vector>

#include <sheaf/map_reduce_report.hpp>

namespace sheaf {

/// What somebody should know who wants the next run to be faster or cleaner, one sentence each, the weightiest first: a
/// partition that got most of the records, many tiny files, spills, slots that had nothing to do, records that were left
/// out. Empty for a run without oddities.
[[nodiscard]] std::vector<std::string> findings(const map_reduce_report& report);

/// Everything in the report as one JSON object, with the findings and one object for each attempt. Times in milliseconds,
/// those of attempts in microseconds since the run's start. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string to_json(const map_reduce_report& report);

/// One HTML page that needs nothing else: numbers, findings, the timeline of attempts for each worker, the slowest
/// attempts, the sizes of partitions, counters, and failures with their reasons.
[[nodiscard]] std::string to_html(const map_reduce_report& report);

/// The attempts in the format of Chrome's about:tracing, which https://ui.perfetto.dev reads: one row for each worker.
[[nodiscard]] std::string to_trace(const map_reduce_report& report);

/// Writes report.txt, report.json, report.html and trace.json to `directory`, which is made when it is not there; files of these
/// names are replaced. Throws std::runtime_error that names the file.
///     const auto report = count_words.run(cluster, {.input = sheaf::text_files(paths), .output = "counts"});
///     sheaf::write_report(report, "counts-report");
void write_report(const map_reduce_report& report, const std::string& directory);

}  // namespace sheaf
