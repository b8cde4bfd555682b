#include "broker/calendar.hpp"

#include <gtest/gtest.h>

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using broker::calendar_fields;
using broker::next_time;
using std::chrono::day;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;

broker::wall_time at(int y, unsigned m, unsigned d, std::chrono::seconds time = 0s) {
    return sys_days{year{y} / month{m} / day{d}} + time;
}

TEST(calendar, the_next_minute_that_fits_comes_and_now_is_one_when_it_is_full) {
    const broker::wall_time noon = at(2026, 11, 22, 12h);
    EXPECT_EQ(next_time({}, noon), noon);
    EXPECT_EQ(next_time({"*", "*", "*", "*", "*"}, noon + 1s), noon + 1min);
    EXPECT_EQ(next_time({.minute = "5"}, noon + 5min), noon + 5min);
    EXPECT_EQ(next_time({.minute = "5"}, noon + 5min + 1ns), noon + 1h + 5min);
    EXPECT_EQ(next_time({.minute = "0", .hour = "11"}, noon), at(2026, 11, 23, 11h));
}

TEST(calendar, days_months_and_weekdays_are_found_however_far_they_are) {
    const broker::wall_time sunday = at(2026, 11, 22, 12h);
    EXPECT_EQ(next_time({.minute = "0", .hour = "0", .weekday = "0"}, sunday), at(2026, 11, 23)) << "0 is Monday";
    EXPECT_EQ(next_time({.minute = "0", .hour = "0", .weekday = "6"}, sunday), at(2026, 11, 29));
    EXPECT_EQ(next_time({.minute = "0", .hour = "0", .day = "31"}, sunday), at(2026, 12, 31));
    EXPECT_EQ(next_time({.minute = "0", .hour = "0", .day = "29", .month = "2"}, sunday), at(2028, 2, 29));
}

TEST(calendar, a_day_and_a_weekday_are_alternatives_as_with_cron) {
    const broker::wall_time sunday = at(2026, 11, 22, 12h);
    const calendar_fields either{.minute = "0", .hour = "0", .day = "25", .month = "", .weekday = "1"};
    EXPECT_EQ(next_time(either, sunday), at(2026, 11, 24)) << "a Tuesday";
    EXPECT_EQ(next_time(either, at(2026, 11, 24, 1s)), at(2026, 11, 25)) << "the 25th";
}

TEST(calendar, fields_may_be_ranges_steps_and_lists) {
    const broker::wall_time noon = at(2026, 11, 22, 12h);
    EXPECT_EQ(next_time({.minute = "*/25"}, noon + 1min), noon + 25min);
    EXPECT_EQ(next_time({.minute = "10-20/5"}, noon + 16min), noon + 20min);
    EXPECT_EQ(next_time({.minute = "50,40"}, noon + 1min), noon + 40min);
    EXPECT_EQ(next_time({.minute = "*/4294967295"}, noon + 1min), noon + 1h);
}

TEST(calendar, fields_that_name_no_time_are_told_apart) {
    const broker::wall_time noon = at(2026, 11, 22, 12h);
    for (const std::string_view minute : {"60", "-1", "x", "1-", "5-1", "*/0", "1,", ",", "1//2", "**", " 1"}) {
        EXPECT_FALSE(next_time({.minute = minute}, noon)) << minute;
    }
    EXPECT_FALSE(next_time({.hour = "24"}, noon));
    EXPECT_FALSE(next_time({.day = "0"}, noon));
    EXPECT_FALSE(next_time({.month = "13"}, noon));
    EXPECT_FALSE(next_time({.weekday = "7"}, noon));
    EXPECT_FALSE(next_time({.day = "30", .month = "2"}, noon)) << "there is no such day";
}

}  // namespace
}  // namespace sheaf::test
