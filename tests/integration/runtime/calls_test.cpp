// Client and worker with real sockets and threads, through our own server and through stock gearmand.
#include <atomic>
#include <condition_variable>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_servers.hpp"
#include "running_worker.hpp"
#include "sheaf/runtime/client.hpp"
#include "sheaf/runtime/worker.hpp"
#include "support/busy_listener.hpp"
#include "support/eventually.hpp"
#include "support/raw_peer.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using runtime::assignment;
using runtime::job_answer;
using runtime::job_end;
using testing::ElementsAre;
using testing::HasSubstr;

runtime::job_request request(std::string function, std::string_view payload = "abc") {
    return {.function = std::move(function),
            .payload = shared_bytes(payload),
            .deadline = std::chrono::steady_clock::now() + patience};
}

/// Collects the ends of many calls, by tag.
class collector : public runtime::job_listener {
  public:
    void on_data(std::uint64_t tag, const shared_bytes& data) override {
        const std::lock_guard lock(door_);
        pieces_[tag].emplace_back(data.view());
    }
    void on_end(std::uint64_t tag, job_end end) override {
        const std::lock_guard lock(door_);
        ends_[tag].push_back(std::move(end));
        ++count_;
        changed_.notify_all();
    }
    /// The ends of all `count` calls.
    std::map<std::uint64_t, std::vector<job_end>> wait_for(std::size_t count) {
        std::unique_lock lock(door_);
        changed_.wait_for(lock, 3 * patience, [&] { return count_ >= count; });
        return ends_;
    }
    std::vector<std::string> pieces(std::uint64_t tag) {
        const std::lock_guard lock(door_);
        return pieces_[tag];
    }

  private:
    std::mutex door_;
    std::condition_variable changed_;
    std::map<std::uint64_t, std::vector<job_end>> ends_;
    std::map<std::uint64_t, std::vector<std::string>> pieces_;
    std::size_t count_ = 0;
};

class calls : public testing::TestWithParam<server_kind> {
  protected:
    std::unique_ptr<job_server> server = start_server(GetParam());

    runtime::worker_options worker_options(std::size_t slots = 1) {
        return {.servers = {server->where()}, .slots = slots, .backoff_max = 200ms, .stuck_grace = 10ms};
    }
    runtime::client_options client_options() { return {.servers = {server->where()}, .backoff_max = 200ms}; }
};

INSTANTIATE_TEST_SUITE_P(servers, calls, testing::ValuesIn(server_kinds()),
                         [](const auto& tested) { return name_of(tested.param); });

TEST_P(calls, a_result_comes_back) {
    running_worker worker(worker_options(), {{"reverse", reverse}});
    runtime::client client(client_options());
    const job_end end = client.run(request("reverse"));
    ASSERT_EQ(end.how, job_end::kind::complete) << end.why.message;
    EXPECT_EQ(end.data.view(), "cba");
}

TEST_P(calls, everything_a_handler_says_comes_back_in_order) {
    running_worker worker(worker_options(), {{"talk", [](assignment& job) {
                                                  for (int i = 0; i < 100; ++i) job.send_data(std::to_string(i));
                                                  return job_answer::complete({});
                                              }}});
    runtime::client client(client_options());
    const auto listener = std::make_shared<collector>();
    client.submit(request("talk"), listener, 7);
    ASSERT_EQ(listener->wait_for(1)[7].size(), 1U);
    const auto pieces = listener->pieces(7);
    ASSERT_EQ(pieces.size(), 100U);
    for (std::size_t i = 0; i < pieces.size(); ++i) EXPECT_EQ(pieces[i], std::to_string(i));
}

TEST_P(calls, failures_and_exceptions_are_told_apart) {
    running_worker worker(worker_options(),
                          {{"fail", [](assignment&) { return job_answer::fail(); }},
                           {"throw", [](assignment&) -> job_answer { throw std::runtime_error("no luck"); }}});
    runtime::client client(client_options());
    EXPECT_EQ(client.run(request("fail")).how, job_end::kind::failed);
    const job_end thrown = client.run(request("throw"));
    EXPECT_EQ(thrown.how, job_end::kind::exception);
    EXPECT_EQ(thrown.data.view(), "no luck");
}

TEST_P(calls, many_calls_from_many_threads_get_each_its_own_answer) {
    running_worker first(worker_options(2), {{"reverse", reverse}});
    running_worker second(worker_options(2), {{"reverse", reverse}});
    runtime::client client(client_options());
    const auto listener = std::make_shared<collector>();
    constexpr std::size_t threads = 4;
    constexpr std::size_t each = 2000;
    std::vector<std::jthread> callers;
    for (std::size_t t = 0; t < threads; ++t) {
        callers.emplace_back([&, t] {
            for (std::size_t i = 0; i < each; ++i) {
                const std::size_t tag = t * each + i;
                client.submit(request("reverse", std::to_string(tag)), listener, tag);
            }
        });
    }
    const auto ends = listener->wait_for(threads * each);
    ASSERT_EQ(ends.size(), threads * each);
    for (const auto& [tag, own] : ends) {
        ASSERT_EQ(own.size(), 1U);
        ASSERT_EQ(own[0].how, job_end::kind::complete) << own[0].why.message;
        std::string text = std::to_string(tag);
        std::reverse(text.begin(), text.end());
        ASSERT_EQ(own[0].data.view(), text);
    }
}

TEST_P(calls, large_payloads_go_both_ways) {
    running_worker worker(worker_options(), {{"reverse", reverse}});
    runtime::client client(client_options());
    std::string text(5'000'000, ' ');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 23);
    const job_end end = client.run(request("reverse", text));
    std::reverse(text.begin(), text.end());
    ASSERT_EQ(end.how, job_end::kind::complete) << end.why.message;
    EXPECT_TRUE(end.data.view() == text);
}

TEST_P(calls, calls_with_one_key_share_one_job_and_each_gets_all_of_it) {
    std::atomic<bool> go{false};
    std::atomic<int> runs{0};
    running_worker worker(worker_options(), {{"shared", [&](assignment& job) {
                                                  ++runs;
                                                  (void)eventually([&] { return go.load(); });
                                                  job.send_data("one");
                                                  job.send_data("two");
                                                  return job_answer::complete(shared_bytes(std::string_view("out")));
                                              }}});
    runtime::client client(client_options());
    const auto listener = std::make_shared<collector>();
    for (std::uint64_t tag = 0; tag < 3; ++tag) {
        auto same = request("shared");
        same.unique = "key";
        client.submit(same, listener, tag);
    }
    // The echo comes back after the server has taken all three.
    ASSERT_TRUE(client.echo("taken", patience).has_value());
    go = true;
    const auto ends = listener->wait_for(3);
    ASSERT_EQ(ends.size(), 3U);
    for (const auto& [tag, own] : ends) {
        EXPECT_EQ(own.size(), 1U);
        EXPECT_EQ(own[0].data.view(), "out");
        EXPECT_THAT(listener->pieces(tag), ElementsAre("one", "two"));
    }
    EXPECT_EQ(runs, 1);
}

TEST_P(calls, a_job_whose_worker_goes_away_is_run_by_another) {
    runtime::client client(client_options());
    const auto listener = std::make_shared<collector>();
    client.submit(request("f"), listener, 1);
    ASSERT_TRUE(client.echo("taken", patience).has_value());
    {
        raw_peer leaves(server->where());
        leaves.send<protocol::packet_type::can_do>("f");
        leaves.send<protocol::packet_type::grab_job>();
        leaves.expect(protocol::packet_type::job_assign);
    }
    running_worker worker(worker_options(), {{"f", reverse}});
    EXPECT_EQ(listener->wait_for(1)[1][0].data.view(), "cba");
}

TEST_P(calls, everybody_comes_back_when_the_server_is_started_again) {
    std::atomic<int> begun{0};
    std::atomic<bool> hold{true};
    running_worker worker(worker_options(), {{"f", [&](assignment& job) {
                                                  ++begun;
                                                  const auto stop = job.stop_token();
                                                  (void)eventually([&] { return !hold || stop.stop_requested(); });
                                                  return reverse(job);
                                              }}});
    runtime::client client(client_options());
    const auto listener = std::make_shared<collector>();
    auto may_run_twice = request("f");
    may_run_twice.resubmit = true;
    client.submit(may_run_twice, listener, 1);
    ASSERT_TRUE(eventually([&] { return begun == 1; }));
    client.submit(request("f"), listener, 2);
    ASSERT_TRUE(client.echo("taken", patience).has_value());
    server->kill();
    ASSERT_TRUE(eventually([&] { return !listener->wait_for(1)[2].empty(); }));
    hold = false;
    server->restart();
    const auto ends = listener->wait_for(2);
    EXPECT_EQ(ends.at(2)[0].why.code, errc::connection_lost);
    ASSERT_EQ(ends.at(1).size(), 1U);
    EXPECT_EQ(ends.at(1)[0].how, job_end::kind::complete) << ends.at(1)[0].why.message;
}

TEST_P(calls, a_handler_whose_time_is_up_is_answered_for) {
    std::atomic<bool> stuck{false};
    auto options = worker_options();
    options.on_stuck = [&](std::string_view function, std::size_t slot) {
        EXPECT_EQ(function, "slow");
        EXPECT_EQ(slot, 0U);
        stuck = true;
    };
    running_worker worker(options, {{"slow",
                                     [&](assignment& job) {
                                         job.expire_after(1ms, shared_bytes(std::string_view("too slow")));
                                         const auto stop = job.stop_token();
                                         (void)eventually([&] { return stop.stop_requested() && stuck; });
                                         return job_answer::complete(shared_bytes(std::string_view("late")));
                                     }},
                                    {"reverse", reverse}});
    runtime::client client(client_options());
    const job_end end = client.run(request("slow"));
    EXPECT_EQ(end.how, job_end::kind::exception);
    EXPECT_EQ(end.data.view(), "too slow");
    EXPECT_EQ(client.run(request("reverse")).data.view(), "cba");  // the slot works again
    EXPECT_TRUE(stuck);
}

TEST_P(calls, draining_finishes_what_runs_and_takes_nothing_new) {
    std::atomic<bool> running{false};
    std::atomic<bool> go{false};
    running_worker worker(worker_options(), {{"f", [&](assignment& job) {
                                                  running = true;
                                                  (void)eventually([&] { return go.load(); });
                                                  return reverse(job);
                                              }}});
    runtime::client client(client_options());
    const auto listener = std::make_shared<collector>();
    client.submit(request("f"), listener, 1);
    ASSERT_TRUE(eventually([&] { return running.load(); }));
    worker->drain();
    client.submit(request("f"), listener, 2);
    ASSERT_TRUE(client.echo("taken", patience).has_value());
    go = true;
    worker.wait();
    const auto ends = listener->wait_for(1);
    ASSERT_EQ(ends.size(), 1U);
    EXPECT_EQ(ends.at(1)[0].data.view(), "cba");
}

TEST_P(calls, a_cancelled_call_ends_at_once_and_a_destroyed_client_ends_the_rest) {
    const auto listener = std::make_shared<collector>();
    {
        runtime::client client(client_options());
        const auto id = client.submit(request("nobody.offers.this"), listener, 1);
        client.submit(request("nobody.offers.this"), listener, 2);
        client.cancel(id);
        EXPECT_EQ(listener->wait_for(1)[1][0].why.code, errc::cancelled);
    }
    EXPECT_EQ(listener->wait_for(2)[2][0].why.code, errc::shutting_down);
}

TEST_P(calls, background_jobs_are_taken_and_run) {
    std::atomic<int> runs{0};
    runtime::client client(client_options());
    auto background = request("count");
    background.background = true;
    for (int i = 0; i < 50; ++i) ASSERT_EQ(client.run(background).how, job_end::kind::complete);
    running_worker worker(worker_options(), {{"count", [&](assignment&) {
                                                  ++runs;
                                                  return job_answer::complete({});
                                              }}});
    EXPECT_TRUE(eventually([&] { return runs == 50; }));
}

TEST_P(calls, questions_are_answered) {
    runtime::client client(client_options());
    ASSERT_TRUE(client.echo("hello", patience).has_value());
    const auto known = client.status("H:nobody:1", patience);
    ASSERT_TRUE(known.has_value());
    EXPECT_FALSE(known->known);
    const auto is_sheaf = client.server_is_sheaf(patience);
    ASSERT_TRUE(is_sheaf.has_value());
    EXPECT_EQ(*is_sheaf, GetParam() == server_kind::own);

    const auto listener = std::make_shared<collector>();
    client.submit(request("waits.for.ever"), listener, 1);
    const auto list = client.admin("status", patience);
    ASSERT_TRUE(list.has_value());
    EXPECT_THAT(*list, HasSubstr("waits.for.ever\t1\t0\t0\n"));
    const auto version = client.admin("version", patience);
    ASSERT_TRUE(version.has_value());
    EXPECT_TRUE(version->starts_with("OK "));
}

// ---- Programs that handlers start.

std::set<int> open_sockets() {
    std::set<int> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        const auto target = std::filesystem::read_symlink(entry.path(), gone).string();
        if (target.starts_with("socket:")) found.insert(std::stoi(entry.path().filename()));
    }
    return found;
}

TEST(calls_sockets, programs_that_a_handler_starts_inherit_none) {
    const auto before = open_sockets();
    own_server server;
    running_worker worker({.servers = {server.where()}}, {{"reverse", reverse}});
    runtime::client client({.servers = {server.where()}});
    ASSERT_EQ(client.run(request("reverse")).how, job_end::kind::complete);
    std::size_t ours = 0;
    for (const int socket : open_sockets()) {
        if (before.contains(socket)) continue;
        ++ours;
        EXPECT_NE(::fcntl(socket, F_GETFD) & FD_CLOEXEC, 0) << socket;
    }
    EXPECT_EQ(ours, 5U);  // the listener, and both ends of two connections
}

// ---- Without a server.

TEST(calls_nowhere, a_job_ends_with_connection_failed_and_says_where_nobody_was) {
    const endpoint nowhere{"127.0.0.1", free_port(), {}};
    runtime::client client({.servers = {nowhere}, .unreachable_timeout = 100ms});
    const job_end end = client.run({.function = "f"});
    EXPECT_EQ(end.why.code, errc::connection_failed);
    EXPECT_THAT(end.why.message, HasSubstr(to_string(nowhere)));
}

TEST(calls_nowhere, a_path_that_no_socket_can_have_is_a_server_that_cannot_be_reached) {
    runtime::client client({.servers = {{{}, 0, "/" + std::string(200, 'x')}}, .unreachable_timeout = 100ms});
    EXPECT_EQ(client.run({.function = "f"}).why.code, errc::connection_failed);
}

TEST(calls_nowhere, a_unix_socket_whose_server_does_not_accept_is_no_connection_that_was_lost) {
    const scratch_directory here;
    const busy_listener other(here.path() / "socket");
    runtime::client client({.servers = {{{}, 0, here.path() / "socket"}}, .unreachable_timeout = 100ms});
    EXPECT_EQ(client.run({.function = "f"}).why.code, errc::connection_failed);
}

TEST(calls_nowhere, mistakes_in_the_set_up_are_thrown_with_a_reason) {
    EXPECT_THROW(runtime::client({}), runtime_failure);
    EXPECT_THROW(runtime::worker({}), runtime_failure);
    runtime::worker worker({.servers = {{"127.0.0.1", 1, {}}}});
    EXPECT_THROW(worker.run(), runtime_failure);
    worker.offer("f", reverse);
    EXPECT_THROW(worker.offer("f", reverse), runtime_failure);
    EXPECT_THROW(worker.offer("", reverse), runtime_failure);
}

}  // namespace
}  // namespace sheaf::test
