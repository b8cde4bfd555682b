// The report as a page for browsers: one file, no script, nothing fetched.
#include <algorithm>
#include <sstream>
#include <string_view>

#include "base/printable.hpp"
#include "report/page_text.hpp"
#include "report/page_timeline.hpp"
#include "report/units_text.hpp"
#include <sheaf/run_report.hpp>

namespace sheaf {
namespace {

using detail::bytes_text;
using detail::count_text;
using detail::duration_text;
using detail::escaped;

constexpr std::size_t rows_max = 20;

constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>map/reduce run</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; } td, th { padding: .15rem .8rem .15rem 0; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; } pre { background: #f4f4f4; padding: .8rem; overflow-x: auto; }
svg { width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: #555; }
.map { fill: #4e79a7; } .reduce { fill: #59a14f; } .sample { fill: #b07aa1; } .merge { fill: #76b7b2; } .failed { fill: #e15759; }
.second { fill: #bab0ac; } .bar { background: #59a14f; height: .8rem; }
@media (prefers-color-scheme: dark) { body { background: #1b1b1b; color: #ddd; } pre { background: #2a2a2a; } svg text { fill: #aaa; } }
</style></head><body>
)";

void append_findings(std::string& page, const map_reduce_report& report) {
    const auto all = findings(report);
    if (all.empty()) return;
    page += "<h2>What was odd</h2>\n<ul>\n";
    for (const std::string& one : all) page.append("<li>").append(escaped(one)).append("</li>\n");
    page += "</ul>\n";
}

void append_row(std::string& page, const std::vector<std::string>& cells, std::string_view kind = "td") {
    page += "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i) {
        page.append("<").append(kind).append(i == 0 ? ">" : " class=\"number\">");
        page.append(cells[i]).append("</").append(kind).append(">");
    }
    page += "</tr>\n";
}

std::chrono::milliseconds time_of(const attempt_record& one) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(one.ended - one.began);
}

// The records for which `take` is true, the greatest by `order` first, at most rows_max.
template <class Take, class Order>
std::vector<const attempt_record*> greatest(const map_reduce_report& report, Take take, Order order) {
    std::vector<const attempt_record*> chosen;
    for (const attempt_record& one : report.attempt_log) {
        if (take(one)) chosen.push_back(&one);
    }
    const auto end = chosen.begin() + static_cast<std::ptrdiff_t>(std::min(rows_max, chosen.size()));
    std::partial_sort(chosen.begin(), end, chosen.end(),
                      [&](const auto* a, const auto* b) { return order(*a) > order(*b); });
    chosen.erase(end, chosen.end());
    return chosen;
}

void append_slowest(std::string& page, const map_reduce_report& report) {
    if (report.attempt_log.empty()) return;
    page += "<h2>Slowest attempts</h2>\n<table>\n";
    append_row(page, {"attempt", "time", "input", "records", "spills", "worker"}, "th");
    for (const attempt_record* one : greatest(
             report, [](const auto&) { return true; }, &time_of)) {
        append_row(page, {escaped(detail::name_of(*one)), duration_text(time_of(*one)), bytes_text(one->bytes),
                          count_text(one->records), count_text(one->spills), escaped(one->worker)});
    }
    page += "</table>\n";
}

void append_partitions(std::string& page, const map_reduce_report& report) {
    const auto all = greatest(
        report,
        [](const attempt_record& one) {
            return one.stage == run_stage::reduce && one.outcome == attempt_record::end::won;
        },
        [](const attempt_record& one) { return one.records; });
    if (all.empty()) return;
    page += "<h2>Largest partitions</h2>\n<table>\n";
    append_row(page, {"partition", "records", "output", ""}, "th");
    const auto most = static_cast<double>(std::max<std::uint64_t>(all.front()->records, 1));
    for (const attempt_record* one : all) {
        const auto pixels = static_cast<int>(static_cast<double>(one->records) / most * 400);
        append_row(page, {detail::number_of(*one), count_text(one->records), bytes_text(one->bytes),
                          "<div class=\"bar\" style=\"width:" + std::to_string(pixels) + "px\"></div>"});
    }
    page += "</table>\n";
}

void append_failures(std::string& page, const map_reduce_report& report) {
    const auto all = greatest(
        report, [](const attempt_record& one) { return !one.why.empty(); },
        [](const attempt_record& one) { return -one.ended.count(); });
    if (all.empty()) return;
    page += "<h2>Attempts that failed</h2>\n<table>\n";
    for (const attempt_record* one : all) {
        page.append("<tr><td>").append(escaped(detail::name_of(*one))).append("</td><td>");
        page.append(escaped(one->worker)).append("</td><td>").append(escaped(one->why)).append("</td></tr>\n");
    }
    page += "</table>\n";
}

void append_counters(std::string& page, const map_reduce_report& report) {
    if (report.counters.empty()) return;
    page += "<h2>Counters</h2>\n<table>\n";
    for (const auto& [name, count] : report.counters) append_row(page, {escaped(name), count_text(count)});
    page += "</table>\n";
}

}  // namespace

std::string to_html(const map_reduce_report& report) {
    std::ostringstream text;
    text << report;
    std::string page(head);
    page.append("<h1>")
        .append(escaped(report.output))
        .append("</h1>\n<pre>")
        .append(escaped(text.str()))
        .append("</pre>\n");
    append_findings(page, report);
    detail::append_timeline(page, report);
    append_slowest(page, report);
    append_partitions(page, report);
    append_failures(page, report);
    append_counters(page, report);
    return page += "</body></html>\n";
}

}  // namespace sheaf
