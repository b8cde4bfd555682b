// Questions that are not jobs: status, echo, options and admin commands.
#include "client_script.hpp"

namespace sheaf::test {
namespace {

using runtime::query;
using testing::ElementsAre;
using testing::IsEmpty;

/// Asks, and keeps the answer as a readable line; empty until it has come.
std::shared_ptr<std::string> ask(client_script& talk, query::kind what, std::string text,
                                 std::optional<std::size_t> only_server = std::nullopt) {
    auto answer = std::make_shared<std::string>();
    talk.core->ask(
        {what, std::move(text), talk.now + 5s,
         [answer, what](basic_result<runtime::query_answer> result) {
             if (!result) {
                 *answer = std::string(to_string(result.error().code));
             } else if (what == query::kind::status || what == query::kind::status_unique) {
                 *answer = std::string(result->status.known ? "known" : "unknown") +
                           (result->status.running ? " running " : " ") + std::to_string(result->status.numerator) +
                           "/" + std::to_string(result->status.denominator) +
                           (what == query::kind::status_unique ? " of " + std::to_string(result->status.clients)
                                                               : std::string());
             } else if (what == query::kind::option) {
                 *answer = result->granted ? "granted" : "refused";
             } else {
                 *answer = "ok " + result->text;
             }
         },
         only_server},
        talk.now);
    return answer;
}

TEST(client_queries, a_question_connects_and_is_answered) {
    client_script talk;
    const auto status = ask(talk, query::kind::status, "H:1");
    const auto echo = ask(talk, query::kind::echo, "hello");
    ASSERT_THAT(talk.connects, ElementsAre(0));
    talk.accept();
    EXPECT_THAT(talk.hears(), ElementsAre("GET_STATUS H:1", "ECHO_REQ hello"));
    talk.says<packet_type::status_res>(0, "H:1", "1", "1", "3", "4");
    talk.says<packet_type::echo_res>(0, "hello");
    EXPECT_EQ(*status, "known running 3/4");
    EXPECT_EQ(*echo, "ok ");
}

TEST(client_queries, a_status_by_unique_key_says_how_many_wait_and_goes_from_server_to_server) {
    client_script talk(2);
    const auto status = ask(talk, query::kind::status_unique, "u");
    const auto by_handle = ask(talk, query::kind::status, "u");
    talk.accept(0);
    EXPECT_THAT(talk.hears(0), ElementsAre("GET_STATUS_UNIQUE u", "GET_STATUS u"));
    talk.says<packet_type::status_res_unique>(0, "u", "0", "0", "0", "0", "0");
    talk.says<packet_type::status_res>(0, "u", "1", "0", "0", "0");
    EXPECT_EQ(*by_handle, "known 0/0");
    talk.accept(1);
    EXPECT_THAT(talk.hears(1), ElementsAre("GET_STATUS_UNIQUE u"));
    talk.says<packet_type::status_res_unique>(1, "u", "1", "1", "3", "4", "2");
    EXPECT_EQ(*status, "known running 3/4 of 2");
}

TEST(client_queries, a_status_of_one_server_is_asked_of_no_other) {
    client_script talk(2);
    const auto status = ask(talk, query::kind::status, "H:1", 1);
    talk.accept(1);
    EXPECT_THAT(talk.hears(1), ElementsAre("GET_STATUS H:1"));
    talk.says<packet_type::status_res>(1, "H:1", "0", "0", "0", "0");
    EXPECT_EQ(*status, "unknown 0/0");
    EXPECT_THAT(talk.connects, ElementsAre(1));
}

TEST(client_queries, a_status_is_asked_of_the_next_server_when_one_does_not_know_the_job) {
    client_script talk(3);
    const auto status = ask(talk, query::kind::status, "H:1");
    talk.accept(0);
    talk.says<packet_type::status_res>(0, "H:1", "0", "0", "0", "0");
    talk.refuse(1);
    talk.accept(2);
    EXPECT_THAT(talk.hears(2), ElementsAre("GET_STATUS H:1"));
    EXPECT_EQ(*status, "");
    talk.says<packet_type::status_res>(2, "H:1", "1", "0", "0", "0");
    EXPECT_EQ(*status, "known 0/0");
}

TEST(client_queries, a_job_that_nobody_knows_is_unknown) {
    client_script talk(2);
    const auto status = ask(talk, query::kind::status, "H:1");
    for (const std::size_t server : {0U, 1U}) {
        talk.accept(server);
        talk.says<packet_type::status_res>(server, "H:1", "0", "0", "0", "0");
    }
    EXPECT_EQ(*status, "unknown 0/0");
}

TEST(client_queries, admin_answers_are_one_line_or_a_list) {
    client_script talk;
    const auto version = ask(talk, query::kind::admin, "version");
    const auto jobs = ask(talk, query::kind::admin, "Status");
    const auto shown = ask(talk, query::kind::admin, "show nonsense");
    talk.accept();
    EXPECT_THAT(talk.hears(), ElementsAre("version", "Status", "show nonsense"));
    for (const char* line : {"OK 1.1", "f\t1\t0\t0", "g\t0\t0\t2", ".", "ERR UNKNOWN_SHOW_ARGUMENTS"})
        talk.core->line(0, line);
    EXPECT_EQ(*version, "ok OK 1.1\n");
    EXPECT_EQ(*jobs, "ok f\t1\t0\t0\ng\t0\t0\t2\n");
    EXPECT_EQ(*shown, "ok ERR UNKNOWN_SHOW_ARGUMENTS\n");
}

TEST(client_queries, a_question_that_was_given_up_keeps_its_place) {
    client_script talk;
    const auto late = ask(talk, query::kind::admin, "version");
    const auto late_option = ask(talk, query::kind::option, "sheaf");
    talk.accept();
    talk.passes(5s);
    EXPECT_EQ(*late, "timeout");
    EXPECT_EQ(*late_option, "timeout");
    const auto pid = ask(talk, query::kind::admin, "getpid");
    const auto call = talk.submit(job());
    talk.core->line(0, "OK 1.1");
    talk.core->line(0, "OK 42");
    talk.says<packet_type::option_res>(0, "sheaf");
    talk.says<packet_type::job_created>(0, "H:1");
    EXPECT_EQ(*pid, "ok OK 42\n");
    EXPECT_THAT(talk.told(call), ElementsAre("created H:1"));
}

TEST(client_queries, an_option_that_the_server_does_not_know_is_refused) {
    client_script talk;
    const auto call = talk.submit(job());
    const auto option = ask(talk, query::kind::option, "sheaf");
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::error>(0, "UNKNOWN_OPTION", "");
    EXPECT_EQ(*option, "refused");
    EXPECT_THAT(talk.told(call), ElementsAre("created H:1"));
}

TEST(client_queries, a_question_to_one_server_is_not_asked_of_another) {
    client_script talk(2);
    talk.submit(job());  // the first server is connected already
    talk.accept(0);
    const auto first = ask(talk, query::kind::admin, "version", 0);
    const auto second = ask(talk, query::kind::admin, "version", 1);
    talk.core->line(0, "OK one");
    EXPECT_EQ(*first, "ok OK one\n");
    EXPECT_EQ(*second, "");
    talk.accept(1);
    talk.core->line(1, "OK two");
    EXPECT_EQ(*second, "ok OK two\n");
}

TEST(client_queries, a_question_to_a_server_that_is_not_there_ends_at_once) {
    client_script talk(2);
    const auto first = ask(talk, query::kind::admin, "version", 0);
    const auto second = ask(talk, query::kind::admin, "version", 1);
    const auto any = ask(talk, query::kind::echo, "x");
    talk.refuse(1);
    EXPECT_EQ(*first, "");
    EXPECT_EQ(*second, "connection_failed");
    EXPECT_EQ(*any, "");
}

TEST(client_queries, questions_end_with_their_connection_and_with_the_client) {
    client_script talk;
    const auto sent = ask(talk, query::kind::echo, "x");
    talk.accept();
    talk.cut();
    const auto waiting = ask(talk, query::kind::echo, "y");
    EXPECT_EQ(*sent, "connection_lost");
    talk.core->shut_down();
    EXPECT_EQ(*waiting, "shutting_down");
}

TEST(client_queries, nonsense_is_refused_before_it_is_sent) {
    client_script talk;
    EXPECT_EQ(*ask(talk, query::kind::status, std::string(64, 'h')), "invalid_argument");
    EXPECT_EQ(*ask(talk, query::kind::status_unique, std::string(65, 'u')), "invalid_argument");
    EXPECT_EQ(*ask(talk, query::kind::status_unique, ""), "invalid_argument");
    EXPECT_EQ(*ask(talk, query::kind::admin, "  "), "invalid_argument");
    EXPECT_EQ(*ask(talk, query::kind::admin, "status\nshutdown"), "invalid_argument");
    EXPECT_THAT(talk.connects, IsEmpty());
}

}  // namespace
}  // namespace sheaf::test
