// A run of two workers for the tests of reports: four maps, one of which failed once, and two reduces.
#pragma once

#include <sheaf/map_reduce_report.hpp>

namespace sheaf::test {

using std::chrono::microseconds;
using std::chrono::milliseconds;

inline attempt_record attempt(run_stage stage, std::uint32_t index, std::string worker, milliseconds began,
                              milliseconds ended, std::uint64_t records = 100) {
    attempt_record one;
    one.stage = stage;
    one.index = index;
    one.worker = std::move(worker);
    one.began = began;
    one.ended = ended;
    one.records = records;
    one.bytes = 10 * records;
    return one;
}

inline map_reduce_report sample_run() {
    map_reduce_report report;
    report.output = "/data/counts";
    report.files = {"part-00000", "part-00001"};
    report.input_files = 1;
    report.input_bytes = 4000;
    report.splits = 4;
    report.attempts = 7;
    report.retries = 1;
    report.map_time = milliseconds(300);
    report.reduce_time = milliseconds(100);
    report.wall_time = milliseconds(400);
    report.counters = {{"bad lines", 3}};
    const auto at = [](int ms) { return milliseconds(ms); };
    report.attempt_log = {
        attempt(run_stage::map, 0, "a/1", at(0), at(100)),     attempt(run_stage::map, 1, "b/2", at(0), at(50)),
        attempt(run_stage::map, 2, "a/1", at(100), at(200)),   attempt(run_stage::map, 3, "b/2", at(60), at(200)),
        attempt(run_stage::map, 1, "b/2", at(200), at(300)),   attempt(run_stage::reduce, 0, "a/1", at(300), at(400)),
        attempt(run_stage::reduce, 1, "b/2", at(300), at(390))};
    report.attempt_log[1].outcome = attempt_record::end::failed;
    report.attempt_log[1].why = "the worker was killed by signal 9";
    report.attempt_log[4].number = 2;
    return report;
}

}  // namespace sheaf::test
