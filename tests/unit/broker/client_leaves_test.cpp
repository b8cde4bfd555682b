// Clients that hang up before their job has ended.
#include <gmock/gmock.h>

#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using enum protocol::packet_type;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(client_leaves, a_queued_foreground_job_is_dropped_with_its_last_client) {
    conversation talk;
    auto worker = talk.worker("f");
    auto first = talk.peer();
    auto second = talk.peer();
    first.says<submit_job>("f", "key", "");
    second.says<submit_job>("f", "key", "");
    first.leaves();
    EXPECT_EQ(talk.core().count().queued, 1U);
    second.leaves();
    EXPECT_EQ(talk.core().count().queued, 0U);
    worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("NO_JOB"));
}

TEST(client_leaves, the_result_of_a_running_foreground_job_is_dropped) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "");
    worker.says<grab_job>();
    client.leaves();
    worker.says<work_data>("H:1", "").says<work_complete>("H:1", "");
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:1|f|"));
    EXPECT_TRUE(talk.core().idle());
}

TEST(client_leaves, a_running_job_that_nobody_wants_is_not_handed_out_again) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "");
    worker.says<grab_job>();
    client.leaves();
    worker.leaves();
    EXPECT_EQ(talk.core().count().queued, 0U);
}

TEST(client_leaves, a_client_that_joins_a_running_job_whose_clients_all_left_gets_its_end) {
    conversation talk;
    auto worker = talk.worker("f");
    auto gone = talk.peer();
    auto late = talk.peer();
    gone.says<submit_job>("f", "key", "");
    worker.says<grab_job>();
    gone.leaves();
    late.says<submit_job>("f", "key", "");
    worker.says<work_complete>("H:1", "done");
    EXPECT_THAT(late.hears(), ElementsAre("JOB_CREATED H:1", "WORK_COMPLETE H:1|done"));
}

TEST(client_leaves, a_background_job_survives_a_client_that_listened_to_it) {
    conversation talk;
    auto worker = talk.worker("f");
    auto background = talk.peer();
    auto listener = talk.peer();
    background.says<submit_job_bg>("f", "key", "");
    talk.stores(1);
    listener.says<submit_job>("f", "key", "");
    listener.leaves();
    background.leaves();
    worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:1|f|"));
    EXPECT_THAT(talk.effects().forgotten, IsEmpty());
}

TEST(client_leaves, a_peer_that_works_on_its_own_job_takes_it_along) {
    conversation talk;
    auto both = talk.worker("f");
    both.says<submit_job>("f", "", "").says<grab_job>();
    both.leaves();
    EXPECT_EQ(talk.core().count().queued + talk.core().count().running, 0U);
}

TEST(client_leaves, the_number_of_a_connection_that_left_can_be_used_again) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "key", "").says<submit_job_bg>("f", "", "");
    worker.says<grab_job>();
    client.leaves();
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1"));
    talk.core().connected(client.id(), "127.0.0.1", 9);
    talk.stores(2);
    worker.says<work_complete>("H:1", "not for the newcomer");
    EXPECT_THAT(client.hears(), IsEmpty());
}

}  // namespace
}  // namespace sheaf::test
