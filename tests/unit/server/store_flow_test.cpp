// When those who submit have to wait for the store.
#include "server/store_flow.hpp"

#include <gtest/gtest.h>

namespace sheaf::server {
namespace {

TEST(store_flow, is_over_when_too_much_waits_and_has_room_when_half_of_it_is_written) {
    store_flow flow(800);
    int questions = 0;
    while (!flow.is_over()) questions += flow.give(50) ? 1 : 0;
    EXPECT_EQ(flow.given(), 850U);
    EXPECT_EQ(questions, 5) << "one behind each 150 bytes";
    flow.reached();
    EXPECT_FALSE(flow.is_over());
    flow.reached();
    EXPECT_FALSE(flow.has_room()) << "550 bytes wait";
    flow.reached();
    EXPECT_TRUE(flow.has_room());
}

TEST(store_flow, of_one_thing_that_is_larger_than_all_may_be_is_over_until_that_is_written) {
    store_flow flow(800);
    EXPECT_TRUE(flow.give(5000));
    EXPECT_TRUE(flow.is_over());
    flow.reached();
    EXPECT_TRUE(flow.has_room());
    EXPECT_FALSE(flow.give(1));
}

}  // namespace
}  // namespace sheaf::server
