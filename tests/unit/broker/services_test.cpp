// The functions that the server answers itself.
#include <gmock/gmock.h>

#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using about = broker::service_question::about;
using kind = broker::service_answer::kind;
using enum protocol::packet_type;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

constexpr std::string_view unknown = "ERROR UNKNOWN_JOB|No job has this handle or unique key, or it ended too long ago";

// The next thing that `who` hears.
std::string only(conversation::participant& who) {
    const auto all = who.hears();
    return all.size() == 1 ? all[0] : std::to_string(all.size()) + " messages";
}

TEST(services, enqueue_makes_a_background_job_with_terms_of_its_own) {
    conversation talk;
    auto client = talk.peer();
    client.says<submit_job_low_bg>("sheaf.enqueue", "key", "function f\nattempts 3\ndelay 5000\nkeep 60\n\npay\nload");
    ASSERT_THAT(talk.effects().persisted, SizeIs(1));
    const auto& record = talk.effects().persisted[0];
    EXPECT_EQ(record.function + ',' + record.unique, "f,key");
    EXPECT_EQ(record.priority, protocol::priority::low);
    EXPECT_EQ(record.payload.view(), "pay\nload");
    EXPECT_EQ(record.run_at, talk.now().wall + 5s);
    EXPECT_EQ(record.terms, "attempts 3\nkeep 60\n");
    talk.stores(1);
    EXPECT_EQ(only(client), "JOB_CREATED H:1");
    auto worker = talk.worker("f");
    worker.says<grab_job>();
    EXPECT_EQ(only(worker), "NO_JOB");
    talk.passes(5s);
    worker.says<grab_job>();
    EXPECT_EQ(only(worker), "JOB_ASSIGN H:1|f|pay\nload");
}

TEST(services, enqueue_takes_times_of_day_until_the_year_2255) {
    conversation talk;
    auto client = talk.peer();
    client.says<submit_job_high_bg>("sheaf.enqueue", "", "function f\nat 4102444800000\n\n");
    client.says<submit_job_bg>("sheaf.enqueue", "", "function f\nat 9000000000001\n\n");
    ASSERT_THAT(talk.effects().persisted, SizeIs(1));
    EXPECT_EQ(talk.effects().persisted[0].run_at, broker::wall_time{} + 4102444800s);
}

TEST(services, enqueue_refuses_what_it_does_not_understand) {
    conversation talk;
    auto client = talk.peer();
    for (const std::string_view terms :
         {"", "function f", "function f\n", "\ndata", "function \n\ndata", "function f\nattempts 0\n\n",
          "function f\nattempts -1\n\n", "function f\ndelay soon\n\n", "function f\nbackoff 1 2\n\n",
          "function f\nbackoff 1 nan 2\n\n", "function f\nbackoff 1 0.5 2\n\n", "function f\nkeep 1e9\n\n",
          "function f\ncolour red\n\n", "function sheaf.job\n\n", "function f\nat 99999999999999999999\n\n"}) {
        client.says<submit_job_bg>("sheaf.enqueue", "", terms);
        EXPECT_THAT(only(client), HasSubstr("ERROR INVALID_ARGUMENT|")) << terms;
    }
    client.says<submit_job>("sheaf.enqueue", "", "function f\n\n");
    EXPECT_THAT(only(client), HasSubstr("in the background"));
    EXPECT_THAT(talk.effects().persisted, IsEmpty());
}

TEST(services, the_result_of_a_job_that_has_not_ended_is_waited_for_under_its_own_handle) {
    conversation talk;
    auto client = talk.peer();
    auto attached = talk.peer();
    auto worker = talk.worker("f");
    client.says<submit_job_bg>("f", "key", "data");
    talk.stores(1);
    worker.says<grab_job>();
    attached.says<submit_job>("sheaf.result", "", "H:1").says<submit_job>("sheaf.result", "", "unique key");
    worker.says<work_status>("H:1", "1", "2").says<work_complete>("H:1", "done");
    EXPECT_THAT(attached.hears(),
                ElementsAre("JOB_CREATED H:1", "JOB_CREATED H:1", "WORK_STATUS H:1|1|2", "WORK_STATUS H:1|1|2",
                            "WORK_COMPLETE H:1|done", "WORK_COMPLETE H:1|done"));
}

TEST(services, the_result_of_a_job_that_has_ended_comes_from_the_store_in_the_order_of_requests) {
    conversation talk;
    auto client = talk.peer();
    client.says<submit_job>("sheaf.result", "", "H:7").says<echo_req>("ping");
    EXPECT_THAT(client.hears(), IsEmpty());
    ASSERT_THAT(talk.effects().questions, SizeIs(1));
    EXPECT_EQ(talk.effects().questions[0].what, about::result);
    EXPECT_EQ(talk.effects().questions[0].id, broker::job_id{7});
    talk.core().served(1, {.what = kind::completed, .id = broker::job_id{7}, .data = shared_bytes("done")}, talk.now());
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:7", "ECHO_RES ping", "WORK_COMPLETE H:7|done"));
}

TEST(services, a_dead_letter_ends_as_its_job_did) {
    conversation talk;
    auto plain = talk.peer();
    auto knowing = talk.peer();
    knowing.says<option_req>("exceptions").says<submit_job>("sheaf.result", "", "unique k");
    plain.says<submit_job>("sheaf.result", "", "H:7");
    const broker::service_answer dead{.what = kind::failed, .id = broker::job_id{7}, .data = shared_bytes("why")};
    talk.core().served(1, dead, talk.now());
    talk.core().served(2, dead, talk.now());
    EXPECT_THAT(knowing.hears(), ElementsAre("OPTION_RES exceptions", "JOB_CREATED H:7", "WORK_EXCEPTION H:7|why"));
    EXPECT_THAT(plain.hears(), ElementsAre("JOB_CREATED H:7", "WORK_FAIL H:7"));
}

TEST(services, nobody_knows_a_job_of_another_server_or_none) {
    conversation talk;
    auto client = talk.peer();
    for (const std::string_view which : {"", "X:1", "H:", "H:01", "H:-1", "unique ", "H:99999999999999999999"}) {
        client.says<submit_job>("sheaf.result", "", which);
        EXPECT_EQ(only(client), unknown) << which;
    }
    EXPECT_THAT(talk.effects().questions, IsEmpty());
    client.says<submit_job>("sheaf.result", "", "H:7");
    talk.core().served(1, {.what = kind::refused, .code = "UNKNOWN_JOB", .why = "gone"}, talk.now());
    EXPECT_EQ(only(client), "ERROR UNKNOWN_JOB|gone");
}

TEST(services, an_answer_whose_asker_has_left_goes_nowhere) {
    conversation talk;
    auto client = talk.peer();
    client.says<submit_job>("sheaf.result", "", "H:7").says<submit_job>("sheaf.dead", "", "list");
    client.leaves();
    auto next = talk.peer();
    talk.core().served(1, {.what = kind::text, .data = shared_bytes("x")}, talk.now());
    talk.core().served(2, {.what = kind::text, .data = shared_bytes("x")}, talk.now());
    talk.core().check_invariants();
    EXPECT_THAT(next.hears(), IsEmpty());
}

TEST(services, a_job_says_what_it_waits_for) {
    conversation talk;
    auto client = talk.peer();
    const auto why = [&](const std::string& handle) {
        client.says<submit_job>("sheaf.job", "", handle);
        const auto all = client.hears();
        return all.size() == 2 ? all[1] : std::to_string(all.size()) + " messages";
    };
    client.says<submit_job_bg>("f", "", "first").says<submit_job_bg>("f", "", "second");
    EXPECT_THAT(talk.effects().persisted, SizeIs(2));
    talk.stores(1);
    talk.stores(2);
    (void)client.hears();
    EXPECT_THAT(why("H:1"), HasSubstr("no worker offers f"));
    auto worker = talk.worker("f");
    EXPECT_THAT(why("H:1"), HasSubstr("the next one"));
    EXPECT_THAT(why("H:2"), HasSubstr("behind 1 other"));
    worker.says<set_client_id>("w1").says<grab_job>().says<work_status>("H:1", "3", "4");
    EXPECT_THAT(why("H:1"), testing::AllOf(HasSubstr(R"("state":"running")"), HasSubstr(R"("numerator":3)"),
                                           HasSubstr(R"("worker":"w1 at 127.0.0.1")")));
    client.says<submit_job_bg>("sheaf.enqueue", "", "function f\ndelay 58000\n\n");
    const std::uint64_t later = talk.effects().persisted.back().id.value();
    talk.stores(later);
    (void)client.hears();
    EXPECT_THAT(why("H:" + std::to_string(later)), HasSubstr("not due for 58 s"));
    client.says<submit_job>("sheaf.job", "", "nonsense");
    EXPECT_THAT(client.hears().back(), HasSubstr(R"("state":"unknown")"));
}

TEST(services, a_cancelled_job_is_gone_for_good_and_its_clients_hear_of_it) {
    conversation talk;
    auto client = talk.peer();
    auto admin = talk.peer();
    client.says<submit_job_bg>("f", "", "data");
    talk.stores(1);
    client.says<submit_job>("sheaf.result", "", "H:1");
    (void)client.hears();
    admin.says<submit_job>("sheaf.cancel", "", "H:1");
    EXPECT_THAT(admin.hears(), IsEmpty()) << "a crash must not undo what was said to be done";
    const auto& asked = talk.effects().questions.back();
    EXPECT_EQ(asked.what, about::written);
    EXPECT_EQ(asked.text, R"({"was":"queued"})");
    EXPECT_EQ(only(client), "WORK_FAIL H:1");
    EXPECT_THAT(talk.effects().forgotten, ElementsAre(1));
    EXPECT_THAT(talk.effects().buried, IsEmpty());
}

TEST(services, a_connection_has_no_more_than_so_many_questions_open) {
    conversation talk;
    auto client = talk.peer();
    auto other = talk.peer();
    const std::string body("sheaf.job\0\0H:7", 14);
    protocol::packet_view question;
    ASSERT_TRUE(protocol::parse_packet(submit_job, protocol::direction::request, body, question));
    for (int i = 0; i < 10'000; ++i) talk.core().packet(client.id(), question, talk.now());
    client.says<submit_job>("sheaf.job", "", "H:7");
    EXPECT_THAT(talk.effects().questions, testing::SizeIs(10'000));
    other.says<submit_job>("sheaf.job", "", "H:7");
    talk.answers();
    EXPECT_THAT(other.hears(), testing::SizeIs(2)) << "it is no concern of others";
    talk.effects().questions.pop_back();
    talk.answers();
    client.says<submit_job>("sheaf.job", "", "H:7");
    EXPECT_THAT(talk.effects().questions, testing::SizeIs(10'001));
    client.leaves();
    talk.answers();
}

TEST(services, what_only_a_waiting_client_can_be_told_is_not_taken_in_the_background) {
    conversation talk;
    auto client = talk.peer();
    client.says<submit_job_bg>("sheaf.job", "", "H:1");
    EXPECT_THAT(only(client), HasSubstr("ERROR INVALID_ARGUMENT|"));
}

TEST(services, other_functions_of_that_family_are_those_of_workers) {
    conversation talk;
    auto client = talk.peer();
    auto worker = talk.worker("sheaf.ctl.1");
    client.says<submit_job>("sheaf.ctl.1", "", "stop");
    worker.says<grab_job>();
    EXPECT_EQ(only(worker), "JOB_ASSIGN H:1|sheaf.ctl.1|stop");
}

}  // namespace
}  // namespace sheaf::test
