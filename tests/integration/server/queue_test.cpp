// Background jobs of a sheafd with a data directory: what was acknowledged is there after it was killed.
#include <atomic>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/runtime/job_servers.hpp"
#include "integration/runtime/running_worker.hpp"
#include "sheaf/runtime/client.hpp"
#include "support/eventually.hpp"
#include "support/scratch_directory.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test {
namespace {

using runtime::job_ticket;
using testing::AllOf;
using testing::HasSubstr;

class durable_queue : public testing::Test {
  protected:
    void start(std::vector<std::string> more = {}) {
        more.insert(more.end(), {"--data-dir", place.path().string()});
        server = std::make_unique<sheafd_process>(std::move(more));
    }
    /// As a power cut would.
    void kill_server() {
        server->child().send_signal(SIGKILL);
        server->child().wait();
        server.reset();
    }
    [[nodiscard]] job_ticket enqueue(std::string payload, std::string unique = {}, std::string function = "note") {
        runtime::client client({.servers = {server->where()}});
        auto taken = client.start({.function = std::move(function),
                                   .unique = std::move(unique),
                                   .payload = shared_bytes(payload),
                                   .deadline = std::chrono::steady_clock::now() + patience});
        if (!taken) throw peer_failure(taken.error().message);
        return *taken;
    }
    /// What the server itself answers.
    [[nodiscard]] runtime::job_end ask(std::string function, std::string_view payload) const {
        runtime::client client({.servers = {server->where()}});
        return client.run({.function = std::move(function),
                           .payload = shared_bytes(payload),
                           .deadline = std::chrono::steady_clock::now() + patience,
                           .of_server = true});
    }
    [[nodiscard]] std::string text_of(std::string function, std::string_view payload) const {
        return std::string(ask(std::move(function), payload).data.view());
    }
    [[nodiscard]] bool knows(const std::string& handle) const {
        runtime::client client({.servers = {server->where()}});
        return client.status(handle, patience)->known;
    }
    /// Takes jobs of `function` until there were `count`, and then all that the server has.
    std::multiset<std::string> drain(std::size_t count, const std::string& function = "note") {
        std::mutex mutex;
        std::multiset<std::string> seen;
        running_worker worker({.servers = {server->where()}}, {{function, [&](runtime::assignment& job) {
                                                                    const std::lock_guard held(mutex);
                                                                    seen.emplace(job.payload().view());
                                                                    return runtime::job_answer::complete({});
                                                                }}});
        runtime::client client({.servers = {server->where()}});
        EXPECT_TRUE(eventually([&] {
            const std::lock_guard held(mutex);
            return seen.size() >= count;
        }));
        EXPECT_TRUE(eventually([&] {
            return client.admin("status", patience)->find(function + "\t0\t0\t") != std::string::npos;
        })) << "nothing is left";
        const std::lock_guard held(mutex);
        return seen;
    }

    scratch_directory place;
    std::unique_ptr<sheafd_process> server;
};

TEST_F(durable_queue, has_every_acknowledged_job_after_a_kill_whatever_its_key_and_bytes) {
    start();
    const std::string binary("\0\1\2bin", 6);
    const std::multiset<std::string> expected{"one", "two", "three", binary, "keyed"};
    for (const std::string& payload : {std::string("one"), std::string("two"), std::string("three"), binary})
        (void)enqueue(payload);
    (void)enqueue("keyed", "a key");
    (void)enqueue("keyed", "a key");
    (void)enqueue("other", "", "my-func");
    kill_server();
    start();
    EXPECT_EQ(drain(5), expected);
    EXPECT_EQ(drain(1, "my-func"), std::multiset<std::string>{"other"});
    (void)enqueue("last");  // acknowledged after the ends of the others are on the disk
    kill_server();
    start();
    EXPECT_EQ(drain(1), std::multiset<std::string>{"last"}) << "what has run does not come again";
}

TEST_F(durable_queue, handles_stay_valid_after_a_kill_and_are_never_given_twice) {
    start();
    const job_ticket done = enqueue("done", "", "quick");
    (void)drain(1, "quick");
    const job_ticket waits = enqueue("waits");
    kill_server();
    start();
    EXPECT_TRUE(knows(waits.handle));
    EXPECT_FALSE(knows(done.handle));
    std::set<std::string> handles{done.handle, waits.handle};
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(handles.insert(enqueue("more").handle).second);
}

TEST_F(durable_queue, a_key_that_waits_is_still_the_same_job_after_a_kill) {
    start();
    const job_ticket first = enqueue("one", "key");
    kill_server();
    start();
    EXPECT_EQ(enqueue("two", "key").handle, first.handle);
    EXPECT_EQ(drain(1), std::multiset<std::string>{"one"});
}

TEST_F(durable_queue, is_there_after_an_orderly_stop_for_which_every_signal_is_heard) {
    start();
    const job_ticket waits = enqueue("waits");
    server->child().send_signal(SIGHUP);
    EXPECT_TRUE(knows(waits.handle)) << "a log that is opened again is no end";
    for (const int number : {SIGTERM, SIGINT, SIGUSR1}) {
        server->child().send_signal(number);
        EXPECT_EQ(server->child().wait(), 0);
        start();
        EXPECT_TRUE(knows(waits.handle));
    }
}

TEST_F(durable_queue, has_results_after_a_kill_for_whoever_asks_by_handle_or_key) {
    start();
    const job_ticket done = enqueue("olleh", "key", "flip");
    {
        running_worker worker({.servers = {server->where()}}, {{"flip", &reverse}});
        EXPECT_EQ(ask("sheaf.result", done.handle).data.view(), "hello") << "it is waited for";
    }
    (void)enqueue("acknowledged after the end of the other is on the disk");
    kill_server();
    start();
    EXPECT_EQ(ask("sheaf.result", done.handle).data.view(), "hello");
    EXPECT_EQ(ask("sheaf.result", "unique key").data.view(), "hello");
    EXPECT_THAT(text_of("sheaf.job", done.handle), HasSubstr(R"("state":"completed")"));
    const auto unknown = ask("sheaf.result", done.handle + "7");
    EXPECT_EQ(unknown.how, runtime::job_end::kind::not_run);
    EXPECT_THAT(unknown.why.message, HasSubstr("No job has this handle"));
}

TEST_F(durable_queue, counts_attempts_across_kills_and_keeps_what_failed_for_good_until_it_is_tried_again) {
    start({"--background-retries", "1"});
    const job_ticket bad = enqueue("data", "", "bad");
    const auto fail_once = [&] {
        std::atomic<int> runs = 0;
        running_worker worker({.servers = {server->where()}, .id = "breaker"},
                              {{"bad", [&](runtime::assignment& job) {
                                    ++runs;
                                    job.send_warning("no luck");
                                    return runtime::job_answer::exception(shared_bytes(std::string_view("why")));
                                }}});
        EXPECT_TRUE(eventually([&] { return runs == 1; }));
    };
    fail_once();
    EXPECT_TRUE(
        eventually([&] { return text_of("sheaf.job", bad.handle).find("tried 1 of 2 times") != std::string::npos; }));
    (void)enqueue("acknowledged after the count is on the disk");
    kill_server();
    start({"--background-retries", "1"});
    fail_once();
    EXPECT_TRUE(
        eventually([&] { return text_of("sheaf.job", bad.handle).find(R"("state":"failed")") != std::string::npos; }));
    kill_server();
    start();
    EXPECT_EQ(drain(0, "bad"), std::multiset<std::string>{}) << "it is out of the queue";
    EXPECT_THAT(text_of("sheaf.dead", "list"), AllOf(HasSubstr(bad.handle), HasSubstr(R"("attempts":2)"),
                                                     HasSubstr("breaker at "), HasSubstr(R"("total":1)")));
    EXPECT_THAT(text_of("sheaf.dead", "show " + bad.handle),
                AllOf(HasSubstr(R"("payload":"ZGF0YQ==")"), HasSubstr(R"("exception":"d2h5")"),
                      HasSubstr(R"("log":"bm8gbHVjawo=")")));
    EXPECT_EQ(text_of("sheaf.dead", "retry " + bad.handle), R"({"jobs":1})");
    kill_server();
    start();
    EXPECT_EQ(drain(1, "bad"), std::multiset<std::string>{"data"}) << "it is a job again, under the same handle";
    EXPECT_THAT(text_of("sheaf.job", bad.handle), HasSubstr(R"("state":"completed")"));
}

TEST_F(durable_queue, leaves_a_dead_letter_as_it_is_while_a_job_has_its_key) {
    start();
    const auto fail = [&](std::size_t letters) {
        const running_worker worker({.servers = {server->where()}},
                                    {{"bad", [](runtime::assignment&) { return runtime::job_answer::exception({}); }}});
        const std::string total = R"("total":)" + std::to_string(letters) + "}";
        EXPECT_TRUE(eventually([&] { return text_of("sheaf.dead", "list").ends_with(total); }));
    };
    const job_ticket first = enqueue("1", "key", "bad");
    (void)enqueue("2", "", "bad");
    fail(2);
    (void)enqueue("3", "key", "bad");
    EXPECT_THAT(ask("sheaf.dead", "retry " + first.handle).why.message, HasSubstr("The dead letter stays"));
    EXPECT_EQ(text_of("sheaf.dead", "retry all"), R"({"jobs":1,"skipped":1})");
    kill_server();
    start();
    EXPECT_THAT(text_of("sheaf.dead", "list"), AllOf(HasSubstr(first.handle), HasSubstr(R"("total":1)")));
    EXPECT_EQ(drain(2, "bad"), (std::multiset<std::string>{"2", "3"}));
    EXPECT_EQ(text_of("sheaf.dead", "retry all"), R"({"jobs":1})");
    EXPECT_EQ(drain(1, "bad"), std::multiset<std::string>{"1"});
}

TEST_F(durable_queue, is_where_programs_keep_their_state_unless_it_is_named) {
    const std::string port = std::to_string(free_port());
    const std::vector<std::string> environment{"XDG_STATE_HOME=" + place.path().string()};
    for (int life = 1; life <= 2; ++life) {
        process child(command{{program("sheafd"), "--port", port}, environment});
        EXPECT_THAT(child.read_line().value_or(""), HasSubstr("ready on"));
        child.send_signal(SIGTERM);
        EXPECT_EQ(child.wait(), 0);
        EXPECT_THAT(child.error_output(), HasSubstr((place.path() / "sheafd" / port).string()));
    }
    EXPECT_TRUE(std::filesystem::exists(place.path() / "sheafd" / port / "jobs.sqlite"));
}

TEST_F(durable_queue, belongs_to_one_server_at_a_time) {
    start();
    process second({program("sheafd"), "--port", "0", "--data-dir", place.path().string()});
    EXPECT_EQ(second.wait(), 1);
    EXPECT_THAT(second.error_output(), HasSubstr("another server has it open"));
}

}  // namespace
}  // namespace sheaf::test
