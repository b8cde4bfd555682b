#include "store/log_room.hpp"

#include <gtest/gtest.h>

namespace sheaf::store::test {
namespace {

constexpr std::int64_t page = 4120;
constexpr std::int64_t megabyte = std::int64_t{1} << 20;

TEST(log_room, small_commits_stay_within_the_file) {
    log_room room;
    std::int64_t bytes = 0;
    std::int64_t longest = 0;
    int times = 0;
    for (int i = 0; i < 10'000; ++i) {
        longest = std::max(longest, bytes += page);
        if (!room.is_full(bytes)) continue;
        bytes = 0;
        ++times;
    }
    EXPECT_LE(longest, log_room::bytes_min);
    EXPECT_LE(times, 10'000 * page / (log_room::bytes_min * 9 / 10)) << "no more often than needed";
}

TEST(log_room, large_commits_make_the_file_longer_up_to_its_limit) {
    log_room room;
    for (std::int64_t bytes = 5 * megabyte; bytes < log_room::bytes_max; bytes += 5 * megabyte) {
        ASSERT_FALSE(room.is_full(bytes));
    }
    EXPECT_TRUE(room.is_full(log_room::bytes_max));
    for (std::int64_t bytes = page; bytes < log_room::bytes_max - 5 * megabyte; bytes += page) {
        ASSERT_FALSE(room.is_full(bytes)) << "small ones have all of it from then on";
    }
}

TEST(log_room, what_cannot_be_written_back_is_tried_again_later) {
    log_room room;
    std::int64_t bytes = log_room::bytes_min;
    ASSERT_TRUE(room.is_full(bytes - page) || room.is_full(bytes));
    room.stay();
    std::int64_t more = 0;
    while (!room.is_full(bytes + more)) more += page;
    EXPECT_GT(more, log_room::bytes_min / 2);
}

}  // namespace
}  // namespace sheaf::store::test
