// Packets that are not about jobs, and packets that should not come.
#include <gmock/gmock.h>

#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using enum protocol::packet_type;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(packets, types_that_no_peer_may_send_are_errors_and_the_connection_stays_up) {
    conversation talk;
    auto peer = talk.peer();
    const std::string words("a\0b\0c\0d\0e\0f\0g\0h", 15);
    for (const auto type : {unused_5, noop, job_created, no_job, job_assign, echo_res, error, status_res, option_res,
                            job_assign_uniq, job_assign_all, status_res_unique}) {
        peer.says_raw(type, words);
        EXPECT_THAT(peer.hears(), ElementsAre("ERROR INVALID_COMMAND|Command not expected"))
            << protocol::info(type).name;
    }
    EXPECT_THAT(talk.effects().closed, IsEmpty());
}

TEST(packets, a_request_that_calls_itself_a_response_is_an_error) {
    conversation talk;
    auto peer = talk.peer();
    peer.says_raw(echo_req, "ping", protocol::direction::response);
    EXPECT_THAT(peer.hears(), ElementsAre("ERROR INVALID_MAGIC|Request magic expected"));
}

TEST(packets, echo_answers_with_the_same_bytes) {
    conversation talk;
    auto peer = talk.peer();
    peer.says<echo_req>("ping").says<echo_req>("");
    EXPECT_THAT(peer.hears(), ElementsAre("ECHO_RES ping", "ECHO_RES"));
}

TEST(packets, options_that_exist_are_confirmed_and_others_are_errors) {
    conversation talk;
    auto peer = talk.peer();
    peer.says<option_req>("sheaf").says<option_req>("exceptions").says<option_req>("nonsense").says<option_req>("");
    peer.says<option_req>(std::string(64, 'o'));
    EXPECT_THAT(peer.hears(), ElementsAre("OPTION_RES sheaf", "OPTION_RES exceptions",
                                          "ERROR UNKNOWN_OPTION|Server does not recognize given option",
                                          "ERROR UNKNOWN_OPTION|Server does not recognize given option",
                                          "ERROR ARGUMENT_TOO_LARGE|The option is longer than 63 bytes"));
}

TEST(packets, a_client_id_is_shown_to_operators_and_cut_when_it_is_long) {
    conversation talk;
    auto peer = talk.worker("f", "g");
    peer.says<set_client_id>(std::string(200, 'i'));
    peer.asks("workers");
    EXPECT_THAT(peer.hears(), ElementsAre("30 127.0.0.1 " + std::string(127, 'i') + " : g f", "."));
}

TEST(packets, function_names_above_the_limit_cannot_be_offered) {
    conversation talk;
    auto peer = talk.worker(std::string(513, 'f'));
    EXPECT_THAT(peer.hears(), ElementsAre("ERROR ARGUMENT_TOO_LARGE|The function name is longer than 512 bytes"));
    EXPECT_EQ(talk.core().count().functions, 0U);
}

}  // namespace
}  // namespace sheaf::test
