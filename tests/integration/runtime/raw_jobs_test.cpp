// What libgearman's clients, task sets and workers can do, by ours: through our own server and through stock gearmand.
#include <atomic>
#include <condition_variable>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_servers.hpp"
#include "running_worker.hpp"
#include "sheaf/runtime/client.hpp"
#include "sheaf/runtime/partition.hpp"
#include "sheaf/runtime/task_set.hpp"
#include "support/eventually.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using runtime::assignment;
using runtime::job_answer;
using runtime::job_end;
using testing::ElementsAre;
using testing::HasSubstr;

/// A gate that handlers wait at.
class gate {
  public:
    void open() {
        const std::lock_guard lock(door_);
        open_ = true;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(door_);
        changed_.wait_for(lock, patience, [this] { return open_; });
    }

  private:
    std::mutex door_;
    std::condition_variable changed_;
    bool open_ = false;
};

class raw_jobs : public testing::TestWithParam<server_kind> {
  protected:
    std::unique_ptr<job_server> server = start_server(GetParam());
    runtime::client client{{.servers = {server->where()}}};

    runtime::worker_options with_slots(std::size_t slots) { return {.servers = {server->where()}, .slots = slots}; }
    std::string admin(std::string_view command) { return client.admin(command, patience).value_or("no answer"); }
    /// Whether the worker of `function` has come or gone.
    bool has_workers(const std::string& function, std::string_view count) {
        return eventually([&] {
            const std::string table = admin("status");
            const std::size_t row = table.find(function + "\t");
            if (row == std::string::npos) return count == "0";
            return table.substr(row, table.find('\n', row) - row).ends_with("\t" + std::string(count));
        });
    }
};

INSTANTIATE_TEST_SUITE_P(servers, raw_jobs, testing::ValuesIn(server_kinds()),
                         [](const auto& tested) { return name_of(tested.param); });

TEST_P(raw_jobs, a_task_set_hears_all_that_its_jobs_say) {
    running_worker worker(with_slots(1),
                          {{"talk",
                            [](assignment& job) {
                                job.send_status(1, 2);
                                job.send_data("piece");
                                job.send_warning("careful");
                                return reverse(job);
                            }},
                           {"fail", [](assignment&) { return job_answer::fail(); }},
                           {"throw", [](assignment&) -> job_answer { throw std::runtime_error("boom"); }}});
    std::vector<std::string> told;
    const auto keep = [&](const char* what) {
        return [&told, what](const shared_bytes& data) { told.push_back(what + std::string(data.view())); };
    };
    runtime::task_set set(client, {.window = 1});
    set.add({.function = "talk", .payload = shared_bytes("abc")},
            {.on_created = [&](std::string_view) { told.emplace_back("created"); },
             .on_data = keep("data "),
             .on_warning = keep("warning "),
             .on_status = [&](std::uint64_t n,
                              std::uint64_t of) { told.push_back(std::to_string(n) + "/" + std::to_string(of)); },
             .on_complete = keep("complete ")});
    set.add({.function = "fail", .retries = 2},
            {.on_retry = [&](std::uint32_t n, const job_end&) { told.push_back("retry " + std::to_string(n)); },
             .on_fail = [&](const job_end&) { told.emplace_back("fail"); }});
    set.add({.function = "throw"}, {.on_exception = keep("exception ")});
    ASSERT_TRUE(set.run_for(patience));
    EXPECT_THAT(told, ElementsAre("created", "1/2", "data piece", "warning careful", "complete cba", "retry 1",
                                  "retry 2", "fail", "exception boom"));
    EXPECT_FALSE(set.all_complete());
    EXPECT_EQ(set[1].retries, 2U);
}

TEST_P(raw_jobs, a_task_set_gives_up_when_its_time_is_over_or_it_is_stopped) {
    std::stop_source stop;
    runtime::task_set late(client);
    late.add({.function = "nobody.does.this"});
    EXPECT_FALSE(late.wait_for(1ms));
    EXPECT_EQ(late.open(), 1U);
    EXPECT_FALSE(late.run_for(1ms));
    EXPECT_EQ(late[0].end.why.code, errc::timeout);
    runtime::task_set stopped(client, {.stop = stop.get_token()});
    stopped.add({.function = "nobody.does.this"}, {.on_created = [&](std::string_view) { stop.request_stop(); }});
    stopped.run();
    EXPECT_EQ(stopped[0].end.why.code, errc::cancelled);
}

TEST_P(raw_jobs, background_jobs_are_asked_for_by_ticket_and_by_unique_key) {
    gate begun;
    gate go;
    running_worker worker(with_slots(1), {{"slow", [&](assignment& job) {
                                               job.send_status(3, 4);
                                               begun.open();
                                               go.pass();
                                               return reverse(job);
                                           }}});
    const auto ticket = client.start({.function = "slow", .unique = "key"});
    ASSERT_TRUE(ticket) << ticket.error().message;
    EXPECT_EQ(ticket->server, server->where());
    begun.pass();
    ASSERT_TRUE(eventually([&] { return client.status(*ticket, patience)->denominator == 4; }));
    const auto by_key = client.status_by_unique("key", patience);
    ASSERT_TRUE(by_key);
    EXPECT_TRUE(by_key->known && by_key->running);
    EXPECT_EQ(by_key->numerator, 3U);
    EXPECT_FALSE(client.status_by_unique("other", patience)->known);
    go.open();
    EXPECT_TRUE(eventually([&] { return !client.status(*ticket, patience)->known; }));
}

TEST_P(raw_jobs, a_job_for_a_time_that_is_past_runs_now) {
    const auto ticket = client.start({.function = "later", .run_at = std::chrono::system_clock::now() - 5s});
    ASSERT_TRUE(ticket) << ticket.error().message;
    EXPECT_TRUE(client.status(*ticket, patience)->known);
    running_worker worker(with_slots(1), {{"later", reverse}});
    EXPECT_TRUE(eventually([&] { return !client.status(*ticket, patience)->known; }));
}

TEST_P(raw_jobs, a_prefix_is_a_namespace) {
    auto how = with_slots(1);
    how.prefix = "test.";
    running_worker worker(how,
                          {{"f", [](assignment& job) { return job_answer::complete(shared_bytes(job.function())); }}});
    runtime::client inside({.servers = {server->where()}, .prefix = "test."});
    const auto deadline = std::chrono::steady_clock::now() + patience;
    EXPECT_EQ(inside.run({.function = "f", .deadline = deadline}).data.view(), "f");
    EXPECT_EQ(client.run({.function = "test.f", .deadline = deadline}).data.view(), "f");
    EXPECT_TRUE(has_workers("test.f", "1"));
}

TEST_P(raw_jobs, functions_come_and_go_while_a_worker_runs) {
    running_worker worker(with_slots(2), {{"first", reverse}});
    ASSERT_TRUE(has_workers("first", "1"));
    const auto deadline = std::chrono::steady_clock::now() + patience;
    runtime::task_set early(client);
    early.add({.function = "second", .payload = shared_bytes("abc"), .deadline = deadline});
    EXPECT_FALSE(early.wait_for(1ms));
    worker->offer("second", reverse);
    early.run();
    EXPECT_EQ(early[0].end.data.view(), "cba") << early[0].end.why.message;
    EXPECT_THROW(worker->offer("second", reverse), runtime_failure);
    // One that runs ends first, and is not run twice.
    gate go;
    gate begun;
    std::atomic<int> runs = 0;
    worker->offer("slow", [&](assignment& job) {
        ++runs;
        begun.open();
        go.pass();
        return reverse(job);
    });
    runtime::task_set slow(client);
    slow.add({.function = "slow", .deadline = deadline});
    EXPECT_FALSE(slow.wait_for(1ms));
    begun.pass();
    EXPECT_TRUE(worker->withdraw("slow"));
    EXPECT_FALSE(worker->withdraw("slow"));
    go.open();
    slow.run();
    EXPECT_TRUE(slow.all_complete());
    EXPECT_TRUE(has_workers("slow", "0"));
    EXPECT_EQ(client.run({.function = "first", .payload = shared_bytes("abc"), .deadline = deadline}).data.view(),
              "cba");
    EXPECT_EQ(runs, 1);
}

TEST_P(raw_jobs, a_worker_ends_after_so_many_jobs_or_when_it_is_told_to) {
    auto how = with_slots(1);
    how.jobs_max = 2;
    running_worker limited(how, {{"f", reverse}});
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(client.run({.function = "f", .payload = shared_bytes("abc"), .deadline = deadline}).data.view(),
                  "cba");
    }
    limited.wait();
    EXPECT_TRUE(has_workers("f", "0"));

    std::stop_source stop;
    runtime::worker told(with_slots(1));
    told.offer("f", reverse);
    std::jthread thread([&] { told.run(stop.get_token()); });
    EXPECT_TRUE(has_workers("f", "1"));
    stop.request_stop();
    thread.join();
}

TEST_P(raw_jobs, a_job_may_be_ended_by_another_thread_after_its_handler) {
    constexpr std::size_t count = 200;
    std::mutex door;
    std::condition_variable changed;
    std::vector<std::shared_ptr<runtime::deferred_job>> deferred;  // guarded by door
    auto how = with_slots(1);
    how.deferred_max = count;
    running_worker worker(how, {{"later", [&](assignment& job) {
                                     const std::lock_guard lock(door);
                                     deferred.push_back(job.defer());
                                     changed.notify_all();
                                     return job_answer{};
                                 }}});
    runtime::task_set set(client);
    for (std::size_t i = 0; i < count; ++i) set.add({.function = "later", .payload = shared_bytes(std::to_string(i))});
    std::jthread other([&] {
        for (std::size_t done = 0; done < count; ++done) {
            std::unique_lock lock(door);
            // The last ones come first: all of them are out at once.
            if (!changed.wait_for(lock, patience, [&] { return deferred.size() + done == count; })) return;
            const auto job = deferred.back();
            deferred.pop_back();
            lock.unlock();
            job->send_data("from elsewhere");
            job->end(job_answer::complete(job->payload()));
        }
    });
    ASSERT_TRUE(set.run_for(patience));
    EXPECT_TRUE(set.all_complete());
    for (std::size_t i = 0; i < count; ++i) {
        EXPECT_EQ(set[i].end.data.view(), std::to_string(i));
        EXPECT_EQ(set[i].data.size(), 1U);
    }
}

TEST_P(raw_jobs, a_deferred_job_that_is_dropped_or_outlives_its_worker_does_no_harm) {
    std::shared_ptr<runtime::deferred_job> kept;
    {
        running_worker worker(with_slots(1), {{"drop",
                                               [&](assignment& job) {
                                                   (void)job.defer();
                                                   return job_answer{};
                                               }},
                                              {"keep", [&](assignment& job) {
                                                   kept = job.defer();
                                                   kept->end(reverse(job));
                                                   return job_answer{};
                                               }}});
        const auto deadline = std::chrono::steady_clock::now() + patience;
        EXPECT_THAT(std::string(client.run({.function = "drop", .deadline = deadline}).data.view()),
                    HasSubstr("given up"));
        const job_end end = client.run({.function = "keep", .payload = shared_bytes("abc"), .deadline = deadline});
        EXPECT_EQ(end.data.view(), "cba");
    }
    kept->send_data("nobody hears this");
    EXPECT_FALSE(kept->end({}));
}

TEST_P(raw_jobs, the_time_out_of_a_function_stops_its_handler) {
    std::atomic<bool> stopped = false;
    runtime::worker worker(with_slots(1));
    worker.offer("slow",
                 [&](assignment& job) {
                     // Stock gearmand gives the job to the worker again.
                     if (!stopped) stopped = eventually([&] { return job.stop_token().stop_requested(); });
                     return job_answer::fail();
                 },
                 {.timeout = 1000ms});
    std::jthread thread([&] { worker.run(); });
    const job_end end = client.run({.function = "slow", .deadline = std::chrono::steady_clock::now() + patience});
    EXPECT_EQ(end.how, job_end::kind::failed);
    EXPECT_TRUE(eventually([&] { return stopped.load(); }));
    worker.stop();
}

TEST_P(raw_jobs, a_reduce_job_is_split_run_and_put_together) {
    runtime::client inner({.servers = {server->where()}});
    runtime::worker worker(with_slots(2));
    worker.offer("words",
                 runtime::partition_handler(
                     inner,
                     [](const assignment& job) {
                         std::vector<shared_bytes> words;
                         std::string_view text = job.payload().view();
                         for (std::size_t at = 0; at != std::string_view::npos;) {
                             at = text.find(' ');
                             words.emplace_back(text.substr(0, at));
                             if (at != std::string_view::npos) text.remove_prefix(at + 1);
                         }
                         return words;
                     },
                     [](const std::vector<shared_bytes>& results) {
                         std::string all;
                         for (const auto& one : results) all += std::string(one.view()) + ".";
                         return job_answer::complete(shared_bytes(all));
                     }),
                 {.with_reducer = true});
    worker.offer("reverse", reverse);
    worker.offer("fail", [](assignment&) { return job_answer::fail(); });
    std::jthread thread([&] { worker.run(); });
    const auto deadline = std::chrono::steady_clock::now() + patience;
    const auto run = [&](std::string reducer) {
        return client.run({.function = "words",
                           .payload = shared_bytes("ab cd ef"),
                           .deadline = deadline,
                           .reducer = std::move(reducer)});
    };
    EXPECT_EQ(run("reverse").data.view(), "ba.dc.fe.");
    EXPECT_THAT(std::string(run("fail").data.view()), HasSubstr("of 'fail', has failed"));
    EXPECT_THAT(std::string(run("").data.view()), HasSubstr("without a reducer"));
    worker.stop();
}

TEST_P(raw_jobs, every_server_is_pinged) {
    runtime::client both({.servers = {server->where(), {"127.0.0.1", free_port(), {}}}});
    const auto answers = both.echo_each("hello", patience);
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[0].answer.value_or(""), "hello");
    EXPECT_FALSE(answers[1].answer);
}

}  // namespace
}  // namespace sheaf::test
