// Which job a background call becomes.
#include "background/enqueue_request.hpp"

#include <gmock/gmock.h>

#include <sheaf/background.hpp>
#include <sheaf/detail/envelope.hpp>

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using detail::make_enqueue_request;
using testing::HasSubstr;

struct broken : std::runtime_error {
    using std::runtime_error::runtime_error;
};
inline constexpr task<"bg.add", int(int, int), throws<broken>> add{};
inline constexpr task<"bg.raw", std::string(std::string), raw> raw_task{};

runtime::job_request request_for(const background_options& how) {
    auto made = make_enqueue_request(detail::make_raw_call<std::remove_const_t<decltype(add)>>({1, 2}), how);
    EXPECT_TRUE(made) << made.error().message;
    return *made;
}
failure refusal(const background_options& how) {
    auto made = make_enqueue_request(detail::make_raw_call<std::remove_const_t<decltype(add)>>({1, 2}), how);
    EXPECT_FALSE(made);
    return made ? failure{} : made.error();
}

TEST(enqueue_requests, a_job_without_terms_is_one_that_every_server_takes) {
    const auto job = request_for({.attempt_timeout = 3s, .priority = priority::low, .unique = "key"});
    EXPECT_EQ(job.function, "bg.add");
    EXPECT_TRUE(job.background);
    EXPECT_FALSE(job.terms);
    EXPECT_FALSE(job.run_at);
    EXPECT_EQ(job.unique, "key");
    EXPECT_EQ(job.priority, priority::low);
    EXPECT_TRUE(job.deadline);
    const auto envelope = detail::read_request(job.payload.view());
    ASSERT_TRUE(envelope);
    EXPECT_TRUE(envelope->background);
    EXPECT_EQ(envelope->attempts, 1U);
    EXPECT_EQ(envelope->call, 0U);
    EXPECT_EQ(envelope->attempt_timeout, 3s);
    EXPECT_EQ(envelope->fingerprint, schema<std::remove_const_t<decltype(add)>>().fingerprint);
}

TEST(enqueue_requests, terms_say_what_the_server_is_to_do) {
    const auto job = request_for({.delay = 10min, .retry = retry{5}.backoff(250ms, 1.5).cap(30s), .keep = 24h});
    ASSERT_TRUE(job.terms);
    EXPECT_EQ(job.terms->delay, 10min);
    EXPECT_EQ(job.terms->attempts, 5U);
    EXPECT_EQ(job.terms->backoff, 250ms);
    EXPECT_EQ(job.terms->backoff_factor, 1.5);
    EXPECT_EQ(job.terms->backoff_max, 30s);
    EXPECT_EQ(job.terms->keep, 24h);
    const auto when = std::chrono::system_clock::time_point(1700000000s);
    const auto timed = request_for({.at = when});
    EXPECT_TRUE(timed.terms);
    EXPECT_EQ(timed.run_at, when);
}

TEST(enqueue_requests, once_and_no_pause_are_said_as_well) {
    EXPECT_EQ(request_for({.retry = retry{1}}).terms->attempts, 1U);
    const auto hasty = request_for({.retry = retry{3}});
    EXPECT_EQ(hasty.terms->backoff, 0ms);
    EXPECT_GE(hasty.terms->backoff_factor, 1);
    EXPECT_EQ(request_for({.keep = 0s}).terms->keep, 0s);
    EXPECT_FALSE(request_for({.deadline = forever}).deadline);
}

TEST(enqueue_requests, equal_arguments_have_equal_keys) {
    const auto key = [](int x) {
        return make_enqueue_request(detail::make_raw_call<std::remove_const_t<decltype(add)>>({x, 2}),
                                    {.unique = by_arguments})
            ->unique;
    };
    EXPECT_EQ(key(1), key(1));
    EXPECT_NE(key(1), key(2));
}

TEST(enqueue_requests, what_the_server_cannot_do_is_refused_and_named) {
    const failure rules = refusal({.retry = retry{3}.never<broken>()});
    EXPECT_EQ(rules.code, errc::not_supported);
    EXPECT_THAT(rules.message, HasSubstr("never<>()"));
    EXPECT_EQ(rules.task, "bg.add");
    EXPECT_THAT(refusal({.retry = retry{3}.backoff(1s, 0.5)}).message, HasSubstr("factor"));
    EXPECT_THAT(refusal({.delay = 1s, .at = std::chrono::system_clock::time_point(1s)}).message, HasSubstr("delay"));
    const auto raw_call = detail::make_raw_call<std::remove_const_t<decltype(raw_task)>>({"text"});
    EXPECT_EQ(make_enqueue_request(raw_call, {.attempt_timeout = 1s}).error().code, errc::not_supported);
    EXPECT_EQ(make_enqueue_request(raw_call, {})->payload.view(), "text");
}

}  // namespace
}  // namespace sheaf::test
