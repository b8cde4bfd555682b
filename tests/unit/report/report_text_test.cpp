// The printed report.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sheaf/map_reduce_report.hpp>

namespace sheaf {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string print(const map_reduce_report& report) {
    std::ostringstream text;
    text << report;
    return text.str();
}

TEST(map_reduce_report, of_a_good_run_reads_like_this) {
    map_reduce_report report;
    report.output = "/data/counts";
    report.files = {"part-00000", "part-00001"};
    report.input_files = 1;
    report.input_bytes = 1U << 30;
    report.splits = 24;
    report.records = 24000000;
    report.keys = 1000001;
    report.shuffled_bytes = 300U << 20;
    report.output_bytes = 14U << 20;
    report.attempts = 26;
    report.map_time = std::chrono::milliseconds(1500);
    report.reduce_time = std::chrono::milliseconds(500);
    report.wall_time = std::chrono::milliseconds(2000);
    report.counters = {{"lines", 12345}};
    EXPECT_EQ(print(report),
              "input     1.0 GiB in 1 file, 24 splits\n"
              "map       24,000,000 records in 300 MiB, 0 spills, 1.50 s\n"
              "reduce    1,000,001 keys, 0.50 s\n"
              "attempts  26\n"
              "wall      2.00 s (512 MiB/s)\n"
              "output    /data/counts, 2 files, 14 MiB\n"
              "counter   lines 12,345\n");
}

TEST(map_reduce_report, of_an_output_without_a_name_has_its_size) {
    map_reduce_report report;
    report.files = {"part-00000", "part-00001"};
    report.output_bytes = 14U << 20;
    EXPECT_THAT(print(report), HasSubstr("\noutput    2 files, 14 MiB\n"));
}

TEST(map_reduce_report, ends_with_what_was_odd) {
    map_reduce_report report;
    report.notes = {"a line without end"};
    EXPECT_TRUE(print(report).ends_with("\nodd       a line without end\n")) << print(report);
}

TEST(map_reduce_report, tells_what_went_wrong_and_was_put_right) {
    map_reduce_report report;
    report.input_skipped = 3;
    report.attempts = 9;
    report.retries = 2;
    report.backups = 1;
    report.workers_lost = 2;
    report.segments_lost = 1;
    EXPECT_THAT(print(report), HasSubstr("attempts  9, 2 retries, 1 backup, 2 lost workers, 1 lost segment\n"));
    EXPECT_THAT(print(report), HasSubstr("0 files, 3 skipped that were no files, 0 splits\n"));
    EXPECT_THAT(print(report), Not(HasSubstr("/s)"))) << "a rate of no time";
}

}  // namespace
}  // namespace sheaf
