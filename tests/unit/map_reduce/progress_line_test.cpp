// The progress line's text.
#include "map_reduce/progress_line.hpp"

#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

using namespace std::chrono_literals;

map_reduce_progress mapping() {
    return {.units_done = 10, .units = 24, .bytes_done = 256U << 20, .bytes = 1U << 30, .elapsed = 500ms};
}

TEST(progress_line, of_the_map_stage_shows_share_bytes_rate_and_time_left) {
    EXPECT_EQ(format_progress("wordcount", mapping(), 100),
              "wordcount: map 25%, 256 MiB of 1.0 GiB, 512 MiB/s, 1.50 s left");
}

TEST(progress_line, shows_retries_when_there_were_any) {
    map_reduce_progress at = mapping();
    at.retries = 1;
    EXPECT_TRUE(format_progress("w", at, 100).ends_with("left, 1 retry"));
    at.retries = 1234;
    EXPECT_TRUE(format_progress("w", at, 100).ends_with("left, 1,234 retries"));
}

TEST(progress_line, of_the_reduce_stage_counts_partitions) {
    const map_reduce_progress at{.stage = run_stage::reduce, .units_done = 1, .units = 4, .elapsed = 1000ms};
    EXPECT_EQ(format_progress("w", at, 100), "w: reduce 25%, 1 of 4 partitions, 3.00 s left");
}

TEST(progress_line, does_not_guess_the_time_left_from_nothing) {
    const map_reduce_progress at{.units = 24, .bytes = 1U << 30};
    EXPECT_EQ(format_progress("w", at, 100), "w: map 0%, 0 B of 1.0 GiB");
    EXPECT_EQ(at.time_left(), std::nullopt);
}

TEST(progress_line, says_that_nobody_does_the_work) {
    const map_reduce_progress at{.units = 24, .bytes = 100, .waits_for_workers = true};
    EXPECT_EQ(format_progress("w", at, 100), "w: map 0%, 0 B of 100 B, waiting for workers");
}

TEST(progress_line, is_cut_to_the_width_of_the_terminal) {
    EXPECT_EQ(format_progress("wordcount", mapping(), 12), "wordcount: m");
    EXPECT_EQ(format_progress("wordcount", mapping(), 0), "");
}

TEST(progress_line, of_an_empty_run_divides_by_nothing) { EXPECT_EQ(map_reduce_progress{}.fraction(), 0); }

}  // namespace
}  // namespace sheaf::detail
