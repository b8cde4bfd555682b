#include "cluster/end_account.hpp"

#include <signal.h>

#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

TEST(end_account, of_SIGKILL_says_who_may_have_sent_it_and_how_much_memory_there_was) {
    const exit_report killed{.signal = SIGKILL, .peak_kib = 1536};
    EXPECT_EQ(account_of(killed, {}),
              "was ended by signal 9 (Killed), which Sheaf did not send; at most it had 1.5 MiB of memory");
    EXPECT_EQ(
        account_of(killed, {.memory_ran_out = true}),
        "was ended by signal 9 (Killed), probably by the kernel, which ran out of memory while it ran; at most it had "
        "1.5 MiB of memory");
    EXPECT_EQ(account_of(killed, {.killed_by_us = true, .memory_ran_out = true}),
              "was ended by signal 9 (Killed), which its supervisor sent because it should have ended and had not");
    EXPECT_EQ(account_of({.signal = SIGKILL}, {}), "was ended by signal 9 (Killed), which Sheaf did not send");
}

TEST(end_account, of_other_ends_is_their_description) {
    for (const exit_report& how : {exit_report{.signal = SIGSEGV, .peak_kib = 99}, exit_report{.code = 3}}) {
        EXPECT_EQ(account_of(how, {.memory_ran_out = true}), describe(how));
    }
}

TEST(memory_kills, are_read_from_the_line_of_that_name) {
    EXPECT_EQ(memory_kills_in("pgfault 1\noom_kill 7\noom_kill_2 8\n"), 7U);
    EXPECT_EQ(memory_kills_in("pgfault 1\nxoom_kill 7\n"), std::nullopt);
    EXPECT_EQ(memory_kills_in("oom_kill many"), std::nullopt);
    EXPECT_EQ(memory_kills_in(""), std::nullopt);
}

}  // namespace
}  // namespace sheaf::detail
