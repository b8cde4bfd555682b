// Background jobs with terms, and functions that Sheaf's own server answers: whom they are sent to, and as what.
#include "client_script.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono;
using runtime::job_terms;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

job_request with(job_terms terms) {
    auto request = job();
    request.terms = terms;
    return request;
}
job_request question(std::string_view address) {
    auto request = job(address);
    request.function = "sheaf.result";
    request.of_server = true;
    return request;
}

/// What a server that is Sheaf's own hears of `request`.
std::string sent(job_request request, runtime::client_options how = {}) {
    client_script talk(1, std::move(how));
    talk.submit(std::move(request));
    talk.accept();
    EXPECT_THAT(talk.hears(), ElementsAre("OPTION_REQ sheaf"));
    talk.says<packet_type::option_res>(0, "sheaf");
    const auto heard = talk.hears();
    EXPECT_EQ(heard.size(), 1U);
    return heard.empty() ? "" : heard.front();
}

std::string refusal(job_request request) {
    client_script talk;
    const auto call = talk.submit(std::move(request));
    EXPECT_THAT(talk.connects, IsEmpty());
    EXPECT_THAT(talk.told(call), ElementsAre("invalid_argument"));
    return talk.listener->last_message;
}

TEST(client_terms, terms_go_before_the_payload_a_line_each) {
    EXPECT_EQ(sent(with({})), "SUBMIT_JOB_BG sheaf.enqueue||function f\n\nin");
    auto all = with(
        {.delay = 1500ms, .attempts = 5, .backoff = 250ms, .backoff_factor = 1.5, .backoff_max = 30s, .keep = 24h});
    all.priority = runtime::job_priority::high;
    all.unique = "u";
    EXPECT_EQ(sent(all),
              "SUBMIT_JOB_HIGH_BG sheaf.enqueue|u|function f\ndelay 1500\nattempts 5\n"
              "backoff 250 1.5 30000\nkeep 86400\n\nin");
    auto timed = with({.attempts = 1});
    timed.run_at = system_clock::time_point(1700000000s + 1us);
    timed.priority = runtime::job_priority::low;
    EXPECT_EQ(sent(timed), "SUBMIT_JOB_LOW_BG sheaf.enqueue||function f\nat 1700000000001\nattempts 1\n\nin");
}

TEST(client_terms, the_prefix_is_put_before_the_jobs_function_and_not_the_servers) {
    runtime::client_options how;
    how.prefix = "p.";
    EXPECT_EQ(sent(with({}), how), "SUBMIT_JOB_BG sheaf.enqueue||function p.f\n\nin");
    EXPECT_EQ(sent(question("H:1"), how), "SUBMIT_JOB sheaf.result||H:1");
}

TEST(client_terms, a_job_with_terms_has_ended_when_the_server_has_taken_it) {
    client_script talk;
    const auto call = talk.submit(with({}));
    talk.accept();
    talk.says<packet_type::option_res>(0, "sheaf");
    talk.says<packet_type::job_created>(0, "H:7");
    EXPECT_THAT(talk.told(call), ElementsAre("created H:7", "complete "));
}

TEST(client_terms, another_server_is_sent_nothing_and_other_jobs_go_on) {
    client_script talk;
    const auto enqueued = talk.submit(with({}));
    const auto asked = talk.submit(question("H:1"));
    const auto plain = talk.submit(job("plain"));
    talk.accept();
    EXPECT_THAT(talk.hears(), ElementsAre("OPTION_REQ sheaf", "SUBMIT_JOB f||plain"));
    talk.says<packet_type::error>(0, "UNKNOWN_OPTION", "no such option");
    EXPECT_THAT(talk.told(enqueued), ElementsAre("not_supported"));
    EXPECT_THAT(talk.told(asked), ElementsAre("not_supported"));
    EXPECT_THAT(talk.listener->last_message, HasSubstr("server:1 is not Sheaf's own server"));
    talk.says<packet_type::job_created>(0, "H:1");
    EXPECT_THAT(talk.told(plain), ElementsAre("created H:1"));
    EXPECT_THAT(talk.told(talk.submit(with({}))), ElementsAre("not_supported"));  // it is not asked again
    EXPECT_THAT(talk.hears(), IsEmpty());
}

TEST(client_terms, a_server_that_answers_no_options_is_another) {
    client_script talk;
    talk.submit(job());
    const auto enqueued = talk.submit(with({}));
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    EXPECT_THAT(talk.told(enqueued), IsEmpty());  // the question was asked after that job
    talk.submit(job());
    talk.says<packet_type::job_created>(0, "H:2");
    EXPECT_THAT(talk.told(enqueued), ElementsAre("not_supported"));
}

TEST(client_terms, a_server_is_asked_anew_after_a_reconnect) {
    client_script talk;
    auto request = question("H:1");
    request.resubmit = true;
    const auto asked = talk.submit(request);
    talk.accept();
    talk.says<packet_type::option_res>(0, "sheaf");
    talk.cut();
    talk.passes(1s);
    talk.accept();
    EXPECT_THAT(talk.hears(), ElementsAre("OPTION_REQ sheaf"));
    talk.says<packet_type::error>(0, "UNKNOWN_OPTION", "no such option");
    EXPECT_THAT(talk.told(asked), ElementsAre("not_supported"));
}

TEST(client_terms, jobs_with_equal_keys_meet_whether_they_have_terms_or_not) {
    for (int i = 0; i < 20; ++i) {
        client_script talk(3);
        auto plain = job("in", "key " + std::to_string(i));
        auto termed = plain;
        termed.terms = job_terms{};
        talk.submit(plain);
        talk.submit(termed);
        ASSERT_EQ(talk.connects.size(), 1U) << i;
    }
}

TEST(client_terms, a_job_for_one_server_goes_there_and_waits_for_it) {
    client_script talk(2);
    const auto first = talk.submit(job("first"));
    talk.accept(0);
    talk.says<packet_type::job_created>(0, "H:1");
    auto request = job("second");
    request.server = 1;
    request.deadline = talk.now + 3s;
    const auto second = talk.submit(request);
    talk.refuse(1);
    talk.passes(1s);
    EXPECT_THAT(talk.told(second), IsEmpty());
    talk.accept(1);
    EXPECT_THAT(talk.hears(1), ElementsAre("SUBMIT_JOB f||second"));
    EXPECT_THAT(talk.told(first), ElementsAre("created H:1"));

    talk.cut(1);
    const auto third = talk.submit(request);
    talk.refuse(1);
    talk.passes(3s);
    EXPECT_THAT(talk.told(third), ElementsAre("timeout"));
    EXPECT_THAT(talk.listener->last_message, HasSubstr("still waiting for server:2 (refused)"));
}

TEST(client_terms, what_the_server_says_of_a_job_can_be_told_apart) {
    for (const auto& [code, name] : {std::pair{"UNKNOWN_JOB", "unknown_job"},
                                     {"RESULT_GONE", "result_gone"},
                                     {"INVALID_ARGUMENT", "invalid_argument"}}) {
        client_script talk;
        const auto asked = talk.submit(question("H:1"));
        talk.accept();
        talk.says<packet_type::option_res>(0, "sheaf");
        talk.says<packet_type::error>(0, code, "text");
        EXPECT_THAT(talk.told(asked), ElementsAre(name));
    }
}

TEST(client_terms, terms_that_make_no_sense_are_refused) {
    auto both = with({.delay = 1s});
    both.run_at = system_clock::time_point(1700000000s);
    EXPECT_THAT(refusal(both), HasSubstr("a delay as well"));
    auto reducing = with({});
    reducing.reducer = "r";
    EXPECT_THAT(refusal(reducing), HasSubstr("reducer"));
    auto keyed = with({});
    keyed.unique = "-";
    EXPECT_THAT(refusal(keyed), HasSubstr("unique key"));
    auto lined = with({});
    lined.function = "f\nattempts 9";
    EXPECT_THAT(refusal(lined), HasSubstr("the end of a line"));
    EXPECT_THAT(refusal(with({.delay = -1ms})), HasSubstr("not negative"));
    EXPECT_THAT(refusal(with({.backoff_factor = -0.5})), HasSubstr("not negative"));
    EXPECT_THAT(refusal(with({.keep = -1s})), HasSubstr("not negative"));
    auto nowhere = job();
    nowhere.server = 1;
    EXPECT_THAT(refusal(nowhere), HasSubstr("none of this client's servers"));
}

}  // namespace
}  // namespace sheaf::test
