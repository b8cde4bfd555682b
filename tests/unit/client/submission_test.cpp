// Which packet a request becomes, and which requests become none.
#include "client_script.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What the server hears of these requests.
std::vector<std::string> packets(const std::vector<job_request>& requests, runtime::client_options how = {}) {
    client_script talk(1, std::move(how));
    for (const auto& request : requests) talk.submit(request);
    talk.accept();
    return talk.hears();
}

/// Why a request is not sent.
std::string refusal(job_request request) {
    client_script talk;
    const auto call = talk.submit(std::move(request));
    EXPECT_THAT(talk.connects, IsEmpty());
    EXPECT_THAT(talk.told(call), ElementsAre("invalid_argument"));
    return talk.listener->last_message;
}

TEST(client_submission, a_time_is_rounded_up_to_a_whole_second_and_what_is_past_is_now) {
    auto whole = job("in", "u");
    whole.run_at = system_clock::time_point(1700000000s);
    auto begun = whole;
    begun.run_at = *whole.run_at + 1ns;
    auto past = whole;
    past.run_at = system_clock::time_point(-5s);
    EXPECT_THAT(packets({whole, begun, past}),
                ElementsAre("SUBMIT_JOB_EPOCH f|u|1700000000|in", "SUBMIT_JOB_EPOCH f|u|1700000001|in",
                            "SUBMIT_JOB_EPOCH f|u|0|in"));
}

TEST(client_submission, a_job_for_a_time_has_ended_when_the_server_has_taken_it) {
    auto request = job();
    request.run_at = system_clock::time_point(1700000000s);
    client_script talk;
    const auto call = talk.submit(request);
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    EXPECT_THAT(talk.told(call), ElementsAre("created H:1", "complete "));
}

TEST(client_submission, reduce_jobs_have_the_empty_argument_that_gearmand_wants) {
    auto request = job("in", "u");
    request.reducer = "r";
    auto background = request;
    background.background = true;
    EXPECT_THAT(packets({request, background}),
                ElementsAre("SUBMIT_REDUCE_JOB f|u|r||in", "SUBMIT_REDUCE_JOB_BACKGROUND f|u|r||in"));
}

TEST(client_submission, the_prefix_comes_before_functions_and_reducers_and_nothing_else) {
    auto reduced = job("in", "u");
    reduced.reducer = "r";
    EXPECT_THAT(packets({job("in", "u"), reduced}, {.servers = {}, .prefix = "test."}),
                ElementsAre("SUBMIT_JOB test.f|u|in", "SUBMIT_REDUCE_JOB test.f|u|test.r||in"));
}

TEST(client_submission, what_the_protocol_cannot_say_is_refused) {
    auto request = job();
    request.priority = runtime::job_priority::high;
    auto timed = request;
    timed.run_at = system_clock::time_point(1s);
    EXPECT_THAT(refusal(timed), HasSubstr("normal priority"));
    auto reduced = request;
    reduced.reducer = "r";
    EXPECT_THAT(refusal(reduced), HasSubstr("normal priority"));
    reduced.priority = runtime::job_priority::normal;
    reduced.run_at = system_clock::time_point(1s);
    EXPECT_THAT(refusal(reduced), HasSubstr("no such jobs for a time"));
    reduced.run_at.reset();
    reduced.reducer = std::string("a\0b", 3);
    EXPECT_THAT(refusal(reduced), HasSubstr("NUL"));
}

}  // namespace
}  // namespace sheaf::test
