// Cancelling what runs: down to the handler's stop token and, when that does not help, the end of its process.
#include <signal.h>

#include "integration/cluster/crew_program.hpp"

namespace sheaf::test {
namespace {

class cancel : public crew_fixture {};

INSTANTIATE_TEST_SUITE_P(on, cancel, ::testing::Values(brand::sheafd, brand::gearmand), brand_name);

TEST_P(cancel, of_a_running_call_reaches_the_handlers_stop_token_and_its_process_lives) {
    start({"--workers", "1"});
    const int before = worker_pid();
    auto waiting = calls->submit(wait_for_stop(file("log")), {.deadline = patience});
    ASSERT_TRUE(gets_line(file("log"), "begun"));
    waiting.cancel();
    EXPECT_TRUE(gets_line(file("log"), "stopped"));
    EXPECT_EQ(worker_pid(), before);
}

TEST_P(cancel, of_a_handler_that_does_not_stop_costs_its_process) {
    start({"--workers", "1"}, {"SHEAF_STOP_GRACE=0.05"});
    const int before = worker_pid();
    auto hanging = calls->submit(hang(file("log")), {.deadline = patience});
    ASSERT_TRUE(gets_line(file("log"), "begun"));
    hanging.cancel();
    EXPECT_NE(worker_pid(), before);
    EXPECT_EQ(lines_of(file("log")).size(), 1U) << "and it is not tried again";
}

TEST_P(cancel, of_a_handler_whose_process_cannot_end_itself_is_the_supervisors_business) {
    start({"--workers", "1"}, {"SHEAF_STOP_GRACE=0.05"});
    const int before = worker_pid();
    auto blocking = calls->submit(block_all(file("log")), {.deadline = patience});
    ASSERT_TRUE(gets_line(file("log"), "begun"));
    blocking.cancel();
    EXPECT_NE(worker_pid(), before);
}

TEST_P(cancel, of_a_handler_that_waits_for_a_call_cancels_that_too) {
    start({"--workers", "1"});
    auto outer = calls->submit(wait_for_call(file("log")), {.deadline = patience});
    ASSERT_TRUE(gets_line(file("log"), "begun"));
    outer.cancel();
    EXPECT_TRUE(gets_line(file("log"), "cancelled"));
    EXPECT_TRUE(gets_line(file("log"), "stopped"));
}

}  // namespace
}  // namespace sheaf::test
