#include "cluster/worker_posts.hpp"

#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

using namespace std::chrono_literals;

TEST(worker_posts, a_process_must_begin_in_time_unless_it_has_or_there_is_no_limit) {
    const post::time_point start(1h);
    post one;
    one.begin(start);
    EXPECT_EQ(one.must_begin_by(10s), start + 10s);
    EXPECT_EQ(one.must_begin_by(0s), std::nullopt);
    one.reached = true;
    EXPECT_EQ(one.must_begin_by(10s), std::nullopt);
    one.begin(start + 1h);  // its successor
    EXPECT_EQ(one.must_begin_by(10s), start + 1h + 10s);
}

TEST(worker_posts, the_rest_does_not_offer_what_others_are_dedicated_to) {
    supervisor_options how;
    how.processes = 2;
    how.processes_max = 3;
    how.only = "img.*";
    how.dedicated = {{"img.big", 2}};
    const auto posts = posts_for(how);
    ASSERT_EQ(posts.size(), 5U);
    EXPECT_EQ(posts[2].only, "img.*,!img.big");
    EXPECT_EQ(posts[2].index, 2U);
    EXPECT_EQ(posts[4].only, "img.big");
    EXPECT_EQ(posts[4].index, 1U);
}

}  // namespace
}  // namespace sheaf::detail
