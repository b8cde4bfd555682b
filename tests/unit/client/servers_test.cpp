// Connections that are lost, and several servers.
#include <functional>
#include <set>

#include "client_script.hpp"

namespace sheaf::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// ---- The dialogue of two coalesced jobs and a lone one, cut at every step.

using step = std::function<void(client_script&)>;

std::vector<step> whole_dialogue(bool resubmit) {
    const auto submit = [resubmit](std::string unique) {
        return [=](client_script& talk) {
            auto request = job("in", unique);
            request.resubmit = resubmit;
            talk.submit(request);
        };
    };
    return {
        submit("u"),
        [](client_script& talk) { talk.accept(); },
        submit("u"),
        submit(""),
        [](client_script& talk) { talk.says<packet_type::job_created>(0, "H:1"); },
        [](client_script& talk) { talk.says<packet_type::job_created>(0, "H:1"); },
        [](client_script& talk) { talk.says<packet_type::job_created>(0, "H:2"); },
        [](client_script& talk) { talk.says<packet_type::work_complete>(0, "H:2", "out"); },
        [](client_script& talk) { talk.says<packet_type::work_data>(0, "H:1", "piece"); },
        [](client_script& talk) { talk.says<packet_type::work_data>(0, "H:1", "piece"); },
        [](client_script& talk) { talk.says<packet_type::work_complete>(0, "H:1", "out"); },
        [](client_script& talk) { talk.says<packet_type::work_complete>(0, "H:1", "out"); },
    };
}

// What a server answers to all that it hears, at once.
void serve(client_script& talk) {
    int next = 100;
    for (const auto& line : talk.hears()) {
        if (!line.starts_with("SUBMIT_JOB")) continue;
        const std::string handle = "H:" + std::to_string(++next);
        talk.says<packet_type::job_created>(0, handle);
        talk.says<packet_type::work_complete>(0, handle, "again");
    }
}

TEST(client_connection_lost, every_call_ends_once_wherever_the_dialogue_is_cut) {
    for (std::size_t steps = 2; steps <= whole_dialogue(false).size(); ++steps) {
        SCOPED_TRACE("cut after step " + std::to_string(steps));
        client_script talk;
        const auto script = whole_dialogue(false);
        for (std::size_t i = 0; i < steps; ++i) script[i](talk);
        talk.cut();
        talk.expect_every_call_ended_once();
        EXPECT_EQ(talk.core->open_calls(), 0U);
        // The slots can be used again, and nothing of the old connection matters.
        const auto call = talk.submit(job());
        talk.passes(1s);
        talk.accept();
        serve(talk);
        EXPECT_EQ(talk.told(call).back(), "complete again");
    }
}

TEST(client_connection_lost, calls_that_may_run_twice_are_submitted_again_wherever_the_dialogue_is_cut) {
    for (std::size_t steps = 2; steps <= whole_dialogue(true).size(); ++steps) {
        SCOPED_TRACE("cut after step " + std::to_string(steps));
        client_script talk;
        const auto script = whole_dialogue(true);
        for (std::size_t i = 0; i < steps; ++i) script[i](talk);
        talk.cut();
        talk.passes(1s);
        if (talk.core->open_calls() != 0) {
            talk.accept();
            serve(talk);
        }
        talk.expect_every_call_ended_once();
        for (const auto& [tag, events] : talk.listener->events) EXPECT_TRUE(events.back().starts_with("complete"));
    }
}

TEST(client_connection_lost, jobs_are_submitted_again_in_their_order_with_their_payload) {
    client_script talk;
    for (const char* payload : {"1", "2", "3"}) {
        auto request = job(payload);
        request.resubmit = true;
        talk.submit(request);
    }
    talk.accept();
    (void)talk.hears();
    talk.says<packet_type::job_created>(0, "H:1");
    talk.cut();
    talk.passes(1s);
    talk.accept();
    EXPECT_THAT(talk.hears(), ElementsAre("SUBMIT_JOB f||1", "SUBMIT_JOB f||2", "SUBMIT_JOB f||3"));
}

TEST(client_connection_lost, calls_that_shared_a_job_need_not_share_the_next) {
    client_script talk;
    auto request = job("in", "u");
    request.resubmit = true;
    const auto first = talk.submit(request);
    const auto second = talk.submit(request);
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::job_created>(0, "H:1");
    talk.cut();
    talk.passes(1s);
    talk.accept();
    (void)talk.told(first);
    (void)talk.told(second);
    talk.says<packet_type::job_created>(0, "H:2");
    talk.says<packet_type::work_complete>(0, "H:2", "one");
    talk.says<packet_type::job_created>(0, "H:3");
    talk.says<packet_type::work_complete>(0, "H:3", "two");
    EXPECT_THAT(talk.told(first), ElementsAre("created H:2", "complete one"));
    EXPECT_THAT(talk.told(second), ElementsAre("created H:3", "complete two"));
}

TEST(client_connection_lost, a_cancelled_call_is_not_submitted_again) {
    client_script talk;
    auto request = job("in", "u");
    request.resubmit = true;
    const auto submitted = talk.submit(request);
    request.unique = "v";
    const auto created = talk.submit(request);
    talk.accept();
    talk.core->cancel(submitted);
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::job_created>(0, "H:2");
    talk.core->cancel(created);
    talk.cut();
    talk.submit(job("other"));
    talk.passes(1s);
    talk.accept();
    EXPECT_THAT(talk.hears(), ElementsAre("SUBMIT_JOB f||other"));
}

// ---- Several servers.

TEST(client_servers, jobs_without_a_key_go_to_the_first_that_answers) {
    client_script talk(3);
    const auto call = talk.submit(job("a"));
    EXPECT_THAT(talk.connects, ElementsAre(0));
    talk.refuse(0);
    EXPECT_THAT(talk.connects, ElementsAre(0, 1));
    talk.accept(1);
    EXPECT_THAT(talk.hears(1), ElementsAre("SUBMIT_JOB f||a"));
    talk.passes(1s);  // the first is called again, and answers
    talk.accept(0);
    talk.submit(job("b"));
    EXPECT_THAT(talk.hears(0), ElementsAre("SUBMIT_JOB f||b"));
    talk.says<packet_type::job_created>(1, "H:1");
    talk.says<packet_type::work_complete>(1, "H:1", "out");
    EXPECT_THAT(talk.told(call), ElementsAre("created H:1", "complete out"));
}

TEST(client_servers, a_failed_server_is_not_waited_for_while_it_is_called_again) {
    client_script talk(2);
    talk.submit(job("a"));
    talk.refuse(0);
    talk.accept(1);
    talk.passes(100ms);
    ASSERT_THAT(talk.connects, ElementsAre(0, 1, 0));  // on its way, perhaps for a long time
    (void)talk.hears(1);
    for (int i = 0; i < 20; ++i) talk.submit(job("b", std::to_string(i)));
    EXPECT_EQ(talk.hears(1).size(), 20U);
}

std::vector<std::size_t> places_of_keys(client_script& talk, std::size_t servers) {
    std::vector<std::size_t> places;
    for (int key = 0; key < 200; ++key) {
        talk.submit(job("in", "key " + std::to_string(key)));
        for (std::size_t i = 0; i < servers; ++i) {
            if (!talk.hears(i).empty()) places.push_back(i);
        }
    }
    return places;
}

TEST(client_servers, equal_keys_meet_and_only_the_keys_of_a_lost_server_move) {
    constexpr std::size_t servers = 4;
    client_script talk(servers);
    for (int i = 0; talk.connects.size() < servers; ++i) talk.submit(job("in", "warm up " + std::to_string(i)));
    for (std::size_t i = 0; i < servers; ++i) talk.accept(i);
    for (std::size_t i = 0; i < servers; ++i) (void)talk.hears(i);
    const auto before = places_of_keys(talk, servers);
    EXPECT_EQ(places_of_keys(talk, servers), before);
    EXPECT_EQ(std::set<std::size_t>(before.begin(), before.end()).size(), servers);

    talk.cut(2);
    const auto during = places_of_keys(talk, servers);
    for (std::size_t key = 0; key < before.size(); ++key) {
        if (before[key] == 2) {
            EXPECT_NE(during[key], 2U);
        } else {
            EXPECT_EQ(during[key], before[key]);
        }
    }
    talk.passes(1s);
    talk.accept(2);
    EXPECT_EQ(places_of_keys(talk, servers), before);
}

TEST(client_servers, two_jobs_of_different_servers_may_have_the_same_handle) {
    client_script talk(2);
    const auto first = talk.submit(job("a"));
    talk.accept(0);
    talk.says<packet_type::job_created>(0, "H:1");
    talk.core->disconnected(1, {errc::connection_lost, "never was there"}, talk.now);
    talk.passes(1s);
    talk.accept(1);
    std::uint64_t second = 0;
    for (int key = 0; talk.hears(1).empty(); ++key) second = talk.submit(job("b", std::to_string(key)));
    talk.says<packet_type::job_created>(1, "H:1");
    talk.says<packet_type::work_complete>(1, "H:1", "second");
    talk.says<packet_type::work_complete>(0, "H:1", "first");
    EXPECT_THAT(talk.told(first), ElementsAre("created H:1", "complete first"));
    EXPECT_THAT(talk.told(second), ElementsAre("created H:1", "complete second"));
}

}  // namespace
}  // namespace sheaf::test
