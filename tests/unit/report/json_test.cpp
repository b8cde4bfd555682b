// The report and the trace as JSON: read back by another library.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "unit/report/sample_run.hpp"
#include <sheaf/run_report.hpp>

namespace sheaf {
namespace {

namespace json = boost::json;

TEST(report_json, says_everything) {
    const json::value all = json::parse(to_json(test::sample_run()));
    EXPECT_EQ(all.at("output").as_string(), "/data/counts");
    EXPECT_EQ(all.at("files").as_array().size(), 2U);
    EXPECT_EQ(all.at("input_bytes").to_number<int>(), 4000);
    EXPECT_EQ(all.at("wall_ms").to_number<int>(), 400);
    EXPECT_EQ(all.at("counters").at("bad lines").to_number<int>(), 3);
    const json::array& attempts = all.at("attempt_log").as_array();
    ASSERT_EQ(attempts.size(), 7U);
    EXPECT_EQ(attempts[1].at("stage").as_string(), "map");
    EXPECT_EQ(attempts[1].at("outcome").as_string(), "failed");
    EXPECT_EQ(attempts[1].at("why").as_string(), "the worker was killed by signal 9");
    EXPECT_EQ(attempts[4].at("attempt").to_number<int>(), 2);
    EXPECT_EQ(attempts[6].at("ended_us").to_number<int>(), 390'000);
}

TEST(report_json, is_valid_whatever_names_are_made_of) {
    map_reduce_report run = test::sample_run();
    run.output = "/data/\"\\\n\xff";
    run.counters = {{"a\"}\x01", 1}};
    run.attempt_log[0].worker = "\xc3<\t>";
    const json::value all = json::parse(to_json(run));
    EXPECT_EQ(all.at("output").as_string(), "/data/\"\\\n\xEF\xBF\xBD");
    EXPECT_EQ(all.at("counters").at("a\"}\x01").to_number<int>(), 1);
    EXPECT_NO_THROW((void)json::parse(to_trace(run)));
}

TEST(report_trace, has_a_row_for_each_worker_and_a_span_for_each_attempt) {
    const json::value trace = json::parse(to_trace(test::sample_run()));
    std::size_t rows = 0;
    std::size_t spans = 0;
    for (const json::value& event : trace.at("traceEvents").as_array()) {
        if (event.at("ph").as_string() == "M") {
            ++rows;
            continue;
        }
        ++spans;
        EXPECT_EQ(event.at("pid").to_number<int>(), 1);
        EXPECT_GT(event.at("dur").to_number<int>(), 0);
        if (event.at("name").as_string() == "reduce 1") {
            EXPECT_EQ(event.at("ts").to_number<int>(), 300'000);
        }
    }
    EXPECT_EQ(rows, 2U);
    EXPECT_EQ(spans, 7U);
}

}  // namespace
}  // namespace sheaf
