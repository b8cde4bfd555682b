// Processes that should have ended: what they say, and what becomes of them. And what is said on the lifeline.
#include "cluster/end_watch.hpp"

#include <sys/socket.h>

#include <gtest/gtest.h>

#include "base/unique_fd.hpp"

namespace sheaf::detail {
namespace {

using namespace std::chrono_literals;
using kind = lifeline_message::kind;
using step = end_watch::step;

constexpr end_watch::time_point begin{1000s};

lifeline_message stopping(std::size_t slot, std::chrono::milliseconds limit) {
    return {.what = kind::stopping, .slot = slot, .limit = limit};
}

TEST(end_watch, a_handler_that_stops_in_time_costs_nothing) {
    end_watch watch;
    watch.hears(stopping(0, 2s), begin);
    EXPECT_EQ(watch.next(), begin + 3s);
    EXPECT_EQ(watch.due(begin + 2999ms), step::nothing);
    watch.hears({.what = kind::stopped, .slot = 0}, begin + 2999ms);
    EXPECT_FALSE(watch.next());
    EXPECT_EQ(watch.due(begin + 1h), step::nothing);
}

TEST(end_watch, a_process_that_outlives_its_own_limit_is_terminated_and_then_killed_once) {
    end_watch watch;
    watch.hears(stopping(0, 2s), begin);
    watch.hears(stopping(1, 5s), begin);
    EXPECT_EQ(watch.due(begin + 3s), step::terminate);
    EXPECT_EQ(watch.due(begin + 3999ms), step::nothing);
    EXPECT_EQ(watch.due(begin + 4s), step::kill);
    EXPECT_FALSE(watch.next());
    EXPECT_EQ(watch.due(begin + 1h), step::nothing);
}

TEST(end_watch, a_slot_that_is_asked_twice_has_the_time_of_the_first) {
    end_watch watch;
    watch.hears(stopping(0, 2s), begin);
    watch.hears(stopping(0, 2s), begin + 1s);
    EXPECT_EQ(watch.next(), begin + 3s);
}

TEST(end_watch, a_process_that_was_told_to_end_and_does_not_is_killed_at_once) {
    end_watch watch;
    watch.hears({.what = kind::ending, .limit = 12s}, begin);
    EXPECT_EQ(watch.due(begin + 12999ms), step::nothing);
    EXPECT_EQ(watch.due(begin + 13s), step::kill);
}

TEST(lifeline, carries_what_was_sent_and_skips_what_is_no_message) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    const unique_fd here(ends[0]);
    const unique_fd there(ends[1]);
    ASSERT_EQ(::send(there.get(), "some bytes", 10, 0), 10);
    send_lifeline_message(there.get(), {.what = kind::ready, .first_slot = 7});
    send_lifeline_message(there.get(), {.what = kind::stopping, .first_slot = 7, .slot = 65, .limit = 2500ms});

    const auto ready = receive_lifeline_message(here.get());
    ASSERT_TRUE(ready);
    EXPECT_EQ(ready->what, kind::ready);
    EXPECT_EQ(ready->first_slot, 7U);
    const auto asked = receive_lifeline_message(here.get());
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->what, kind::stopping);
    EXPECT_EQ(asked->first_slot, 7U);
    EXPECT_EQ(asked->slot, 65U);
    EXPECT_EQ(asked->limit, 2500ms);
    EXPECT_FALSE(receive_lifeline_message(here.get()));
}

}  // namespace
}  // namespace sheaf::detail
