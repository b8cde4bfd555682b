// Reading how many workers a server has.
#include "map_reduce/offered_slots.hpp"

#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

TEST(offered_slots, is_the_number_of_workers_in_the_line_of_the_function) {
    constexpr std::string_view status = "wc.map.old\t9\t9\t9\nwc.map\t3\t1\t12\nwc.reduce\t0\t0\t7\n";
    EXPECT_EQ(offered_slots(status, "wc.map"), 12U);
    EXPECT_EQ(offered_slots(status, "wc.reduce"), 7U);
    EXPECT_EQ(offered_slots(status, "wc"), 0U);
    EXPECT_EQ(offered_slots("", "wc"), 0U);
    EXPECT_EQ(offered_slots("wc\t0\t0\t3\r\n", "wc"), 3U);
    EXPECT_EQ(offered_slots("wc\t0\t0\tmany", "wc"), 0U);
    EXPECT_EQ(offered_slots("wc\t", "wc"), 0U);
    EXPECT_EQ(offered_slots("wc\t0\t0\t99999999999999999999999", "wc"), 0U);
}

}  // namespace
}  // namespace sheaf::detail
