// GET_STATUS and GET_STATUS_UNIQUE.
#include <gmock/gmock.h>

#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using enum protocol::packet_type;
using testing::ElementsAre;

TEST(status, a_job_is_unknown_then_queued_then_running_with_progress_then_unknown) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    auto asker = talk.peer();
    asker.says<get_status>("H:1");
    client.says<submit_job>("f", "key", "");
    asker.says<get_status>("H:1");
    worker.says<grab_job>().says<work_status>("H:1", "3", "4294967295");
    asker.says<get_status>("H:1");
    worker.says<work_complete>("H:1", "");
    asker.says<get_status>("H:1").says<get_status>("someone else's");
    EXPECT_THAT(asker.hears(),
                ElementsAre("STATUS_RES H:1|0|0|0|0", "STATUS_RES H:1|1|0|0|0", "STATUS_RES H:1|1|1|3|4294967295",
                            "STATUS_RES H:1|0|0|0|0", "STATUS_RES someone else's|0|0|0|0"));
}

TEST(status, a_unique_key_is_looked_for_in_all_functions_and_its_clients_are_counted) {
    conversation talk;
    auto client = talk.peer();
    auto other = talk.peer();
    client.says<submit_job>("f", "key", "");
    other.says<submit_job>("f", "key", "");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1"));
    client.says<get_status_unique>("key").says<get_status_unique>("nothing").says<get_status_unique>("");
    EXPECT_THAT(client.hears(), ElementsAre("STATUS_RES_UNIQUE key|1|0|0|0|2", "STATUS_RES_UNIQUE nothing|0|0|0|0|0",
                                            "STATUS_RES_UNIQUE |0|0|0|0|0"));
    client.leaves();
    other.says<get_status_unique>("key");
    EXPECT_THAT(other.hears(), ElementsAre("JOB_CREATED H:1", "STATUS_RES_UNIQUE key|1|0|0|0|1"));
}

TEST(status, words_are_passed_on_as_they_are_and_count_as_what_atoi_makes_of_them) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "");
    worker.says<grab_job>().says<work_status>("H:1", "half", "12 of 20");
    client.says<get_status>("H:1");
    EXPECT_THAT(client.hears(),
                ElementsAre("JOB_CREATED H:1", "WORK_STATUS H:1|half|12 of 20", "STATUS_RES H:1|1|1|0|12"));
}

TEST(status, questions_with_words_above_the_limits_are_errors) {
    conversation talk;
    auto client = talk.peer();
    client.says<get_status>(std::string(64, 'h')).says<get_status_unique>(std::string(65, 'u'));
    EXPECT_THAT(client.hears(), ElementsAre("ERROR ARGUMENT_TOO_LARGE|The handle is longer than 63 bytes",
                                            "ERROR ARGUMENT_TOO_LARGE|The unique key is longer than 64 bytes"));
}

}  // namespace
}  // namespace sheaf::test
