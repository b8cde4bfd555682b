// What a running cluster does about requests and events.
#include "up/host_plan.hpp"

#include <signal.h>

#include <gmock/gmock.h>

namespace sheaf::up {
namespace {

using kind = control_request::kind;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

host_plan plan() { return {4, 8, 10s}; }

TEST(host_plan, a_request_to_scale_is_answered_when_as_many_serve) {
    host_plan p = plan();
    EXPECT_THAT(p.on_settled().answers, IsEmpty());
    const auto asked = p.on_request(1, {kind::scale, 8});
    EXPECT_EQ(asked.resize, 8U);
    EXPECT_THAT(asked.answers, IsEmpty());
    EXPECT_EQ(p.workers(), 8U);
    const auto done = p.on_settled();
    ASSERT_EQ(done.answers.size(), 1U);
    EXPECT_EQ(done.answers[0].to, 1U);
    EXPECT_EQ(done.answers[0].with, (control_reply{true, "8 workers"}));
    EXPECT_THAT(p.on_settled().answers, IsEmpty()) << "it is answered once";
}

TEST(host_plan, no_workers_or_too_many_are_refused) {
    host_plan p = plan();
    for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{9}, ~std::uint64_t{0}}) {
        const auto step = p.on_request(1, {kind::scale, number});
        EXPECT_FALSE(step.resize);
        ASSERT_EQ(step.answers.size(), 1U);
        EXPECT_FALSE(step.answers[0].with.ok);
        EXPECT_THAT(step.answers[0].with.text, HasSubstr("1 to 8"));
    }
    EXPECT_EQ(p.workers(), 4U);
}

TEST(host_plan, a_later_request_to_scale_overtakes_an_earlier_one) {
    host_plan p = plan();
    (void)p.on_request(1, {kind::scale, 8});
    const auto step = p.on_request(2, {kind::scale, 2});
    EXPECT_EQ(step.resize, 2U);
    ASSERT_EQ(step.answers.size(), 1U);
    EXPECT_EQ(step.answers[0].to, 1U);
    EXPECT_FALSE(step.answers[0].with.ok);
    EXPECT_EQ(p.on_settled().answers.at(0).to, 2U);
}

TEST(host_plan, down_ends_the_cluster_with_the_grace_that_was_asked_for) {
    host_plan p = plan();
    (void)p.on_request(1, {kind::scale, 8});
    const auto step = p.on_request(2, {kind::down, 300});
    EXPECT_EQ(step.end, 300ms);
    ASSERT_EQ(step.answers.size(), 2U);
    EXPECT_FALSE(step.answers[0].with.ok) << "who waits for the workers waits in vain";
    EXPECT_EQ(step.answers[1].to, 2U);
    EXPECT_EQ(step.answers[1].with, (control_reply{true, "8 workers"}));
    EXPECT_TRUE(p.is_ending());
    EXPECT_EQ(p.exit_code(), 0);
    EXPECT_FALSE(p.on_request(3, {kind::scale, 1}).answers.at(0).with.ok);
    EXPECT_FALSE(p.on_request(3, {kind::scale, 1}).resize);
}

TEST(host_plan, a_claimed_grace_of_ages_is_a_day) {
    host_plan p = plan();
    EXPECT_EQ(p.on_request(1, {kind::down, ~std::uint64_t{0}}).end, 24h);
}

TEST(host_plan, a_signal_ends_it_with_its_own_grace) {
    host_plan interrupted = plan();
    EXPECT_EQ(interrupted.on_signal(SIGINT).end, 10s);
    EXPECT_EQ(interrupted.exit_code(), 130);
    EXPECT_FALSE(interrupted.on_signal(SIGTERM).end) << "it is ending already";
    host_plan terminated = plan();
    EXPECT_EQ(terminated.on_signal(SIGTERM).end, 10s);
    EXPECT_EQ(terminated.exit_code(), 0);
}

TEST(host_plan, workers_that_cannot_be_kept_running_end_it_as_a_failure) {
    host_plan p = plan();
    EXPECT_EQ(p.on_failed().end, 0ms);
    EXPECT_EQ(p.exit_code(), 1);
}

}  // namespace
}  // namespace sheaf::up
