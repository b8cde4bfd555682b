#include "report/lanes.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace sheaf::detail {
namespace {

// An attempt's times are counted back from when the driver heard of its end, be that a little late: so it may seem to go on
// when the next one in its slot has begun. Two that really ran at a time share more than that.
bool follows(const attempt_record& next, const attempt_record& last) {
    const auto both = last.ended - next.began;
    return both * 10 <= std::min(last.ended - last.began, next.ended - next.began) || both <= both.zero();
}

}  // namespace

std::vector<lane> lanes_of(const map_reduce_report& report) {
    std::vector<const attempt_record*> all;
    all.reserve(report.attempt_log.size());
    for (const attempt_record& one : report.attempt_log) all.push_back(&one);
    std::ranges::stable_sort(all, {}, [](const attempt_record* one) { return one->began; });

    std::map<std::string, std::vector<lane>> of_workers;
    for (const attempt_record* const one : all) {
        std::vector<lane>& lanes = of_workers[one->worker];
        // A worker that runs several handlers at a time gets as many rows as it ever had attempts.
        const auto free =
            std::ranges::find_if(lanes, [one](const lane& row) { return follows(*one, *row.attempts.back()); });
        if (free != lanes.end()) {
            free->attempts.push_back(one);
        } else {
            lanes.push_back({one->worker.empty() ? "unknown worker" : one->worker, {one}});
        }
    }
    std::vector<lane> rows;
    for (auto& [worker, lanes] : of_workers) std::ranges::move(lanes, std::back_inserter(rows));
    return rows;
}

std::string number_of(const attempt_record& attempt) {
    if (attempt.partitions == 0) return std::to_string(attempt.index);
    if (attempt.partitions == 1) return std::to_string(attempt.partition);
    return std::to_string(attempt.partition) + "-" + std::to_string(attempt.partition + attempt.partitions - 1);
}

std::string name_of(const attempt_record& attempt) {
    std::string text = std::string(name_of(attempt.stage)) + " " + number_of(attempt);
    if (attempt.number > 1) text += ", attempt " + std::to_string(attempt.number);
    return text;
}

const char* name_of(run_stage stage) noexcept {
    switch (stage) {
        case run_stage::sample: return "sample";
        case run_stage::map: return "map";
        case run_stage::merge: return "merge";
        case run_stage::reduce: return "reduce";
    }
    return "";
}

const char* name_of(attempt_record::end outcome) noexcept {
    switch (outcome) {
        case attempt_record::end::won: return "won";
        case attempt_record::end::second: return "second";
        case attempt_record::end::failed: return "failed";
        case attempt_record::end::given_up: return "given up";
        case attempt_record::end::verified: return "verified";
        case attempt_record::end::lost_again: return "lost again";
    }
    return "";
}

}  // namespace sheaf::detail
