// What workers tell of their jobs, and who hears it.
#include <gmock/gmock.h>

#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using enum protocol::packet_type;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto not_found = "ERROR JOB_NOT_FOUND|Job given in work result not found";

TEST(work, a_worker_may_hold_many_jobs_and_end_them_in_any_order) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    for (int i = 0; i < 3; ++i) client.says<submit_job>("f", "", "");
    for (int i = 0; i < 3; ++i) worker.says<grab_job>();
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "JOB_CREATED H:2", "JOB_CREATED H:3"));
    worker.says<work_complete>("H:2", "").says<work_complete>("H:3", "").says<work_complete>("H:1", "");
    EXPECT_THAT(client.hears(), ElementsAre("WORK_COMPLETE H:2|", "WORK_COMPLETE H:3|", "WORK_COMPLETE H:1|"));
}

TEST(work, only_the_job_s_own_worker_may_speak_of_it) {
    conversation talk;
    auto worker = talk.worker("f");
    auto stranger = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "");
    worker.says<work_complete>("H:1", "before it was grabbed").says<grab_job>();
    stranger.says<work_complete>("H:1", "forged").says<work_status>("H:1", "1", "1").says<work_fail>("H:1");
    EXPECT_THAT(stranger.hears(), ElementsAre(not_found, not_found, not_found));
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1"));
    worker.says<work_complete>("H:1", "").says<work_complete>("H:1", "again");
    EXPECT_THAT(worker.hears(), ElementsAre(not_found, "JOB_ASSIGN H:1|f|", not_found));
}

TEST(work, only_the_exact_handle_names_a_job) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "");
    worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:1|f|"));
    for (const auto* handle :
         {"", "1", "H:", "H:01", "H:+1", "H:-1", "H:1 ", "h:1", "H:1x", "H:18446744073709551617"}) {
        worker.says<work_complete>(handle, "");
        EXPECT_THAT(worker.hears(), ElementsAre(not_found)) << handle;
    }
}

TEST(work, an_exception_reaches_clients_that_asked_for_it_and_is_a_failure_for_others) {
    conversation talk;
    auto worker = talk.worker("f");
    auto plain = talk.peer();
    auto keen = talk.peer();
    keen.says<option_req>("Exceptions");
    EXPECT_THAT(keen.hears(), ElementsAre("OPTION_RES Exceptions"));
    plain.says<submit_job>("f", "key", "");
    keen.says<submit_job>("f", "key", "");
    worker.says<grab_job>().says<work_exception>("H:1", "boom");
    EXPECT_THAT(plain.hears(), ElementsAre("JOB_CREATED H:1", "WORK_FAIL H:1"));
    EXPECT_THAT(keen.hears(), ElementsAre("JOB_CREATED H:1", "WORK_EXCEPTION H:1|boom"));
    EXPECT_TRUE(talk.core().idle());
}

TEST(work, exceptions_may_be_on_for_everyone) {
    conversation talk({.exceptions_by_default = true});
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "");
    worker.says<grab_job>().says<work_exception>("H:1", "boom");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "WORK_EXCEPTION H:1|boom"));
}

TEST(work, a_failure_right_after_the_same_worker_s_exception_is_swallowed_once) {
    conversation talk;
    auto worker = talk.worker("f");
    auto other = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "");
    worker.says<grab_job>().says<work_exception>("H:1", "boom");
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:1|f|"));
    other.says<work_fail>("H:1");
    EXPECT_THAT(other.hears(), ElementsAre(not_found));
    worker.says<work_fail>("H:1");
    EXPECT_THAT(worker.hears(), IsEmpty());
    worker.says<work_fail>("H:1");
    EXPECT_THAT(worker.hears(), ElementsAre(not_found));
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "WORK_FAIL H:1"));
}

TEST(work, large_data_are_passed_on_whole) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<option_req>("exceptions").says<submit_job>("f", "", "").says<submit_job>("f", "", "");
    worker.says<grab_job>().says<grab_job>();
    EXPECT_THAT(client.hears(), ElementsAre("OPTION_RES exceptions", "JOB_CREATED H:1", "JOB_CREATED H:2"));
    const std::string data(100'000, 'x');
    const auto send_large = [&](protocol::packet_type type, const std::string& handle) {
        const shared_bytes owner(handle + '\0' + data);
        protocol::packet_view packet;
        ASSERT_TRUE(protocol::parse_packet(type, protocol::direction::request, owner.view(), packet));
        packet.owner = &owner;
        talk.core().packet(worker.id(), packet, talk.now());
    };
    send_large(work_data, "H:1");
    send_large(work_complete, "H:1");
    send_large(work_exception, "H:2");
    EXPECT_THAT(client.hears(),
                ElementsAre("WORK_DATA H:1|" + data, "WORK_COMPLETE H:1|" + data, "WORK_EXCEPTION H:2|" + data));
}

}  // namespace
}  // namespace sheaf::test
