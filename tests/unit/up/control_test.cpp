// What is said to a running cluster, and how.
#include "up/control.hpp"

#include <gmock/gmock.h>

#include "support/deadline.hpp"
#include "support/scratch_directory.hpp"
#include "up/control_client.hpp"
#include "up/control_server.hpp"

namespace sheaf::up {
namespace {

using kind = control_request::kind;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

TEST(control_text, requests_and_replies_are_read_as_they_were_written) {
    for (const control_request& one : {control_request{kind::scale, 4}, control_request{kind::down, ~0ULL}}) {
        EXPECT_EQ(parse_request(to_text(one)), one);
    }
    for (const control_reply& one : {control_reply{true, "4 workers"}, control_reply{false, ""}}) {
        EXPECT_EQ(parse_reply(to_text(one)), one);
    }
}

TEST(control_text, what_is_neither_is_refused) {
    for (const std::string& bad :
         {std::string(), std::string("scale"), std::string("scale "), std::string("scale -1"), std::string("scale 4 "),
          std::string("scale 99999999999999999999"), std::string("down 1\0", 7), std::string("halt 1")}) {
        EXPECT_FALSE(parse_request(bad)) << bad;
    }
    EXPECT_FALSE(parse_reply("maybe"));
}

TEST(control_text, no_reply_is_longer_than_a_message) {
    EXPECT_EQ(to_text(control_reply{true, std::string(2 * control_bytes_max, 'x')}).size(), control_bytes_max);
}

TEST(control_socket, carries_a_request_there_and_an_answer_back) {
    const test::scratch_directory place;
    control_server* answering = nullptr;
    control_server server(place / "c", [&](auto from, const control_request& request) {
        const bool scales = request.what == kind::scale;
        answering->reply(from, {scales, scales ? std::to_string(request.number) + " workers" : "not now"});
    });
    answering = &server;
    control_client first(place / "c");
    control_client second(place / "c");
    EXPECT_EQ(first.pid(), ::getpid());
    const auto deadline = steady_clock::now() + test::patience;
    EXPECT_EQ(first.ask({kind::scale, 3}, deadline).value_or("?"), "3 workers");
    EXPECT_EQ(first.ask({kind::scale, 4}, deadline).value_or("?"), "4 workers");
    const auto refused = second.ask({kind::down, 0}, deadline);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), (error{errc::server_error, "not now"}));
}

TEST(control_socket, who_gets_no_answer_in_time_hears_of_it) {
    const test::scratch_directory place;
    const control_server server(place / "c", [](auto, const control_request&) {});
    control_client client(place / "c");
    EXPECT_EQ(client.ask({kind::scale, 3}, steady_clock::now()).error().code, errc::timeout);
    EXPECT_FALSE(client.wait_gone(steady_clock::now())) << "this process still runs";
}

TEST(control_socket, a_server_that_ends_is_a_lost_connection) {
    const test::scratch_directory place;
    std::optional<control_server> server(std::in_place, place / "c", [](auto, const control_request&) {});
    control_client client(place / "c");
    server.reset();
    EXPECT_EQ(client.ask({kind::scale, 3}, steady_clock::now() + test::patience).error().code, errc::connection_lost);
    EXPECT_THROW(control_client(place / "c"), runtime_failure);
}

}  // namespace
}  // namespace sheaf::up
