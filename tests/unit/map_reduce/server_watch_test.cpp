// How a run waits for its job servers, in virtual time.
#include "map_reduce/server_watch.hpp"

#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

using namespace std::chrono_literals;
using advice = server_watch::advice;

struct watching_servers : testing::Test {
    // What the watch says from now until `until`; servers are asked, and answer at once if they are `there`.
    std::vector<advice> watch_until(server_watch::time_point until, bool there) {
        std::vector<advice> said;
        for (;;) {
            const advice one = watch.next(now);
            if (one == advice::ask) {
                ++asked;
                watch.note_answer(there, there ? "" : "refused", now);
            } else if (one != advice::nothing) {
                said.push_back(one);
            } else {
                const auto due = watch.next_deadline();
                if (!due || *due > until) break;
                EXPECT_GT(*due, now) << "whoever waits until then would never wait";
                now = *due;
            }
        }
        now = until;
        return said;
    }

    server_watch::time_point now{1h};
    server_watch watch{10s};
    int asked = 0;
};

TEST_F(watching_servers, says_and_asks_nothing_while_nothing_breaks) {
    EXPECT_EQ(watch.next(now), advice::nothing);
    EXPECT_EQ(watch.next_deadline(), std::nullopt);
}

TEST_F(watching_servers, a_restart_is_no_news) {
    watch.note_trouble(now);
    EXPECT_TRUE(watch_until(now + 2s, false).empty());
    EXPECT_TRUE(watch_until(now + 1h, true).empty());
    EXPECT_EQ(watch.next_deadline(), std::nullopt);
}

TEST_F(watching_servers, an_outage_is_told_once_and_so_is_its_end) {
    watch.note_trouble(now);
    EXPECT_EQ(watch_until(now + 8s, false), std::vector{advice::say_lost});
    EXPECT_EQ(watch.why(), "refused");
    EXPECT_EQ(watch.time_left(now), 2s);
    watch.note_trouble(now);  // of another attempt
    EXPECT_EQ(watch_until(now + 1s, true), std::vector{advice::say_back});
    EXPECT_TRUE(watch_until(now + 1h, true).empty());
    watch.note_trouble(now);
    EXPECT_EQ(watch_until(now + 8s, false), std::vector{advice::say_lost}) << "another outage has its own time";
}

TEST_F(watching_servers, the_run_is_over_when_its_time_is) {
    watch.note_trouble(now);
    EXPECT_EQ(watch_until(now + 1h, false), (std::vector{advice::say_lost, advice::give_up}));
    EXPECT_LE(asked, 21) << "now and then is enough";
}

TEST(a_run_that_does_not_wait_for_servers, is_over_when_none_answers) {
    server_watch watch(0s);
    const server_watch::time_point now{1h};
    watch.note_trouble(now);
    EXPECT_EQ(watch.next(now), advice::ask);
    EXPECT_EQ(watch.next(now), advice::nothing);
    watch.note_answer(false, "refused", now);
    EXPECT_EQ(watch.next(now), advice::give_up);
}

TEST(a_run_that_waits_for_ever, does_so) {
    server_watch watch(std::chrono::milliseconds::max());
    const server_watch::time_point now{1h};
    watch.note_trouble(now);
    EXPECT_EQ(watch.next(now), advice::ask);
    watch.note_answer(false, "refused", now);
    EXPECT_EQ(watch.next(now + 3s), advice::say_lost);
    EXPECT_EQ(watch.next(now + 24h), advice::ask);
}

}  // namespace
}  // namespace sheaf::detail
