// Background jobs of a sheafd with a data directory: what was acknowledged is there after it was killed.
#include <csignal>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/runtime/running_worker.hpp"
#include "sheaf/runtime/client.hpp"
#include "support/eventually.hpp"
#include "support/scratch_directory.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test {
namespace {

using runtime::job_ticket;
using testing::HasSubstr;

class durable_queue : public testing::Test {
  protected:
    void start() {
        server = std::make_unique<sheafd_process>(std::vector<std::string>{"--data-dir", place.path().string()});
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

TEST_F(durable_queue, belongs_to_one_server_at_a_time) {
    start();
    process second({program("sheafd"), "--port", "0", "--data-dir", place.path().string()});
    EXPECT_EQ(second.wait(), 1);
    EXPECT_THAT(second.error_output(), HasSubstr("another server has it open"));
}

}  // namespace
}  // namespace sheaf::test
