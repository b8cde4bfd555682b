// What is said when a background job has no result.
#include "background/job_failures.hpp"

#include <gmock/gmock.h>

#include <sheaf/detail/envelope.hpp>

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using detail::asked_job;
using detail::read_background_end;
using runtime::job_end;
using testing::HasSubstr;

const asked_job job{{.task = "bg.add", .schema = {}, .arguments = {}}, "H:7", 2s};

failure reason(job_end end, const std::optional<background_status>& status = std::nullopt) {
    const auto outcome = read_background_end(std::move(end), job, status);
    EXPECT_FALSE(outcome);
    return outcome ? failure{} : outcome.error();
}
job_end refused(errc code, std::string text) { return {job_end::kind::not_run, {}, {code, std::move(text)}}; }

TEST(background_failures, a_result_is_taken_out_of_its_envelope) {
    const auto outcome = read_background_end({job_end::kind::complete, detail::write_answer("seven"), {}}, job, {});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->view(), "seven");
    EXPECT_FALSE(detail::needs_status({job_end::kind::complete, {}, {}}));
}

TEST(background_failures, a_report_has_the_number_of_attempts_that_the_server_counted) {
    const failure thrown{.code = errc::remote_exception, .message = "no voice", .worker = "ant/7", .attempt = 1};
    const job_end end{job_end::kind::exception, detail::write_failure(thrown), {}};
    EXPECT_TRUE(detail::needs_status(end));
    const failure why = reason(end, background_status{.state = background_state::failed, .attempt = 5});
    EXPECT_EQ(why.code, errc::remote_exception);
    EXPECT_EQ(why.message, "no voice");
    EXPECT_EQ(why.worker, "ant/7");
    EXPECT_EQ(why.attempt, 5U);
    EXPECT_EQ(why.task, "bg.add");
    EXPECT_EQ(reason(end).attempt, 1U);
}

TEST(background_failures, a_job_that_has_not_ended_says_why_it_waits) {
    const failure why = reason(refused(errc::timeout, "late"),
                               background_status{.state = background_state::queued, .why = "no worker offers bg.add"});
    EXPECT_EQ(why.code, errc::timeout);
    EXPECT_EQ(why.clock, call_clock::deadline);
    EXPECT_EQ(why.message, "the background job H:7 had not ended after 2 s: it is queued, no worker offers bg.add");
    EXPECT_EQ(reason(refused(errc::timeout, "late")).message, "late");
}

TEST(background_failures, a_failure_without_a_report_has_the_servers_reason) {
    const job_end failed{job_end::kind::failed, {}, {}};
    EXPECT_TRUE(detail::needs_status(failed));
    background_status status{.state = background_state::failed, .attempt = 3};
    status.reason = "its worker reported a failure";
    status.worker = "127.0.0.1";
    const failure why = reason(failed, status);
    EXPECT_EQ(why.code, errc::job_failed);
    EXPECT_THAT(why.message, HasSubstr("dead letter: its worker reported a failure"));
    EXPECT_EQ(why.worker, "127.0.0.1");
    EXPECT_EQ(why.attempt, 3U);
}

TEST(background_failures, a_job_over_which_workers_were_lost_says_so) {
    background_status status{.state = background_state::failed, .losses = 4};
    status.reason = "it lost 4 workers";
    EXPECT_EQ(reason({job_end::kind::failed, {}, {}}, status).code, errc::worker_lost);
}

TEST(background_failures, a_job_that_is_unknown_when_it_has_failed_was_cancelled) {
    EXPECT_EQ(reason({job_end::kind::failed, {}, {}}, background_status{}).code, errc::cancelled);
    EXPECT_EQ(reason({job_end::kind::failed, {}, {}}).code, errc::job_failed);  // the server could not be asked
}

TEST(background_failures, what_is_gone_says_what_became_of_it) {
    const failure unknown = reason(refused(errc::unknown_job, "s refused: UNKNOWN_JOB: text"));
    EXPECT_EQ(unknown.code, errc::unknown_job);
    EXPECT_THAT(unknown.message, HasSubstr("knows no job H:7"));
    const failure gone = reason(refused(errc::result_gone, "s refused: RESULT_GONE: too large"));
    EXPECT_EQ(gone.code, errc::result_gone);
    EXPECT_THAT(gone.message, HasSubstr("its result is not kept: too large"));
    EXPECT_FALSE(detail::needs_status(refused(errc::result_gone, "")));
}

}  // namespace
}  // namespace sheaf::test
