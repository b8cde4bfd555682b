// A queue whose disk is full, slow or broken, or whose server ends in the middle of writing: what was acknowledged stays, what was
// refused never runs, and everything else goes on.
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/queue/load.hpp"
#include "integration/queue/queue_server.hpp"
#include "integration/server/round_trip.hpp"
#include "support/disk_faults.hpp"
#include "support/packet_bytes.hpp"
#include "support/random_text.hpp"
#include "support/small_disk.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* log_file = "jobs.sqlite-wal";
constexpr int exit_software = 70;
constexpr int exit_unwritten = 74;

class disk_trouble : public testing::Test {
  protected:
    /// Submits `jobs` jobs, and hears what becomes of each.
    void submit(std::size_t jobs, submit_terms how = {}) {
        how.jobs = jobs;
        ++clients;
        load_client client("client" + std::to_string(clients), here(), notes, how, clients);
        client.run();
        acknowledged += client.acknowledged();
        refused += client.refused();
    }
    /// Executes what there is, also after a restart, and judges the whole.
    void expect_sound_history() {
        server.kill();
        server.start();
        load_worker worker("worker", here(), notes, {});
        const running_load working(worker);
        EXPECT_TRUE(server.runs_empty());
        EXPECT_EQ(complaints(server.seen()), "");
    }
    [[nodiscard]] address_source here() {
        return [this] { return server.where(); };
    }

    disk_faults faults;
    queue_server server{{}, faults.environment()};
    recorder notes{server.notes() / "all"};
    std::uint64_t clients = 0;
    std::size_t acknowledged = 0;
    std::size_t refused = 0;
};

TEST_F(disk_trouble, of_a_full_disk_refuses_jobs_until_there_is_space_and_stops_nothing_else) {
    std::filesystem::create_directories(server.data());
    small_disk disk(server.data(), 4 << 20);
    server.start();
    submit(20);
    ASSERT_EQ(refused, 0U);
    disk.fill();
    // What has been set aside for the log may take some.
    while (refused == 0) submit(50, {.payload_bytes = 20'000});
    const std::size_t taken = acknowledged;
    submit(20, {.payload_bytes = 20'000});
    EXPECT_GT(refused, 1U);
    round_trip(server.where()).run();
    EXPECT_GE(server.queued(), taken);
    disk.clear();
    const std::size_t refused_before = refused;
    submit(20);
    EXPECT_EQ(refused, refused_before) << "it goes on without a restart";
    expect_sound_history();
}

TEST_F(disk_trouble, of_a_full_disk_is_over_when_there_is_space_although_somebody_asks_all_the_time) {
    server.start();
    submit(20);
    const auto full = faults.arm({.error = ENOSPC, .file = "jobs.sqlite"});
    {
        load_worker worker("worker", here(), notes, {});
        const running_load working(worker);
        EXPECT_TRUE(server.runs_empty());
    }
    raw_peer curious(server.where());
    const auto is_kept = [&] {
        curious.send<protocol::packet_type::submit_job>("sheaf.queue", "", "");
        (void)curious.expect(protocol::packet_type::job_created);
        return curious.expect(protocol::packet_type::work_complete).data.find("\"jobs\":20") != std::string::npos;
    };
    EXPECT_TRUE(is_kept()) << "their ends wait for space";
    faults.disarm(full);
    EXPECT_TRUE(eventually([&] { return !is_kept(); }));
    expect_sound_history();
}

TEST_F(disk_trouble, of_a_disk_that_is_full_to_the_end_is_in_the_exit_code) {
    std::filesystem::create_directories(server.data());
    small_disk disk(server.data(), 4 << 20);
    server.start();
    submit(20);
    disk.fill();
    while (refused == 0) submit(50, {.payload_bytes = 20'000});
    {
        load_worker worker("worker", here(), notes, {});
        const running_load working(worker);
        EXPECT_TRUE(server.runs_empty());
    }
    server.running().child().send_signal(SIGTERM);
    EXPECT_EQ(server.running().child().wait(), exit_unwritten);
    EXPECT_THAT(server.running().child().error_output(), HasSubstr("they run again at the next start"));
    disk.clear();
    server.start();
    EXPECT_GT(server.queued(), 0U);
}

TEST_F(disk_trouble, at_any_write_refuses_a_batch_and_leaves_no_ghosts) {
    server.start();
    for (const int error : {ENOSPC, EIO}) {
        for (int passing = 0; passing < 8; ++passing) {
            faults.arm({.error = error, .file = "jobs.sqlite", .passing = passing, .times = 1});
            submit(10, {.window = 2});
            faults.disarm_all();
            submit(2);
        }
    }
    EXPECT_GT(refused, 0U);
    EXPECT_GT(acknowledged, refused);
    expect_sound_history();
}

TEST_F(disk_trouble, of_a_failed_sync_ends_the_server_and_its_next_start_has_every_acknowledged_job) {
    for (int passing = 0; passing < 4; ++passing) {
        server.start();
        faults.arm({.of = shim::call::sync, .error = EIO, .file = log_file, .passing = passing, .times = 1});
        load_client client("client" + std::to_string(passing), here(), notes, {.window = 4}, 1);
        const running_load submitting(client);
        EXPECT_EQ(server.running().child().wait(), exit_software);
        EXPECT_THAT(server.running().child().error_output(),
                    AllOf(HasSubstr(server.data().string()), HasSubstr("did not take what it was given"),
                          HasSubstr("what was acknowledged comes back when it is started again")));
        faults.disarm_all();
    }
    server.start();
    expect_sound_history();
}

TEST_F(disk_trouble, of_a_slow_disk_holds_up_acknowledgements_and_nothing_else) {
    server.start();
    const auto slow =
        faults.arm({.of = shim::call::sync, .what = shim::action::delay, .milliseconds = 60'000, .file = log_file});
    raw_peer client(server.where());
    client.send<packet_type::submit_job_bg>("work", "", "x");
    ASSERT_TRUE(eventually([&] { return faults.hits(slow) > 0; }));
    round_trip(server.where()).run();
    EXPECT_FALSE(deadline(0ms).wait(client.descriptor(), POLLIN)) << "its job is not on the disk yet";
    faults.disarm(slow);
    (void)client.expect(packet_type::job_created);
}

// Sends `bytes` as far as the server takes them, and takes off what was sent. False when it has taken nothing for so long.
bool send_some(const raw_peer& from, std::string_view& bytes, std::chrono::milliseconds limit) {
    if (!deadline(limit).wait(from.descriptor(), POLLOUT)) return false;
    const ssize_t n = ::send(from.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    return true;
}

/// Submits 200 MiB.
class flood {
  public:
    explicit flood(const endpoint& to) : peer_(to) {
        protocol::output_buffer out;
        protocol::write_request<packet_type::submit_job_bg>(out, "work", "", std::string(1 << 20, 'x'));
        job_ = take_all(out);
        rest_ = job_;
    }
    /// Until the server takes no more.
    void expect_to_be_held_back() {
        while (sent_ < jobs && send_some(peer_, rest_, 1500ms)) count();
        EXPECT_GE(sent_, 64);
        EXPECT_LT(sent_, 100) << "the server goes on reading";
    }
    void expect_to_go_on() {
        while (sent_ < jobs) {
            ASSERT_TRUE(send_some(peer_, rest_, patience));
            count();
        }
        for (int i = 0; i < jobs; ++i) (void)peer_.expect(packet_type::job_created);
    }

  private:
    static constexpr int jobs = 200;
    void count() {
        if (!rest_.empty()) return;
        rest_ = job_;
        ++sent_;
    }
    raw_peer peer_;
    std::string job_;
    std::string_view rest_;
    int sent_ = 0;
};

TEST_F(disk_trouble, of_a_slow_disk_holds_back_those_who_submit_more_than_it_takes_and_nobody_else) {
    server.start();
    const auto slow =
        faults.arm({.of = shim::call::sync, .what = shim::action::delay, .milliseconds = 60'000, .file = log_file});
    flood much(server.where());
    much.expect_to_be_held_back();
    round_trip(server.where()).run();
    faults.disarm(slow);
    much.expect_to_go_on();
}

TEST_F(disk_trouble, of_a_full_disk_holds_back_those_who_submit_more_jobs_than_may_wait_for_space) {
    queue_server relaxed({"--durability", "relaxed"}, faults.environment());
    relaxed.start();
    const auto full = faults.arm({.error = ENOSPC, .file = "jobs.sqlite"});
    flood much(relaxed.where());
    much.expect_to_be_held_back();
    round_trip(relaxed.where()).run();
    faults.disarm(full);
    much.expect_to_go_on();
}

TEST_F(disk_trouble, of_a_full_disk_is_over_when_all_dead_letters_are_purged) {
    std::filesystem::create_directories(server.data());
    small_disk disk(server.data(), 32 << 20);
    server.start();
    constexpr int letters = 1500;
    raw_peer client(server.where());
    raw_peer worker(server.where());
    worker.send<packet_type::can_do>("work");
    for (int i = 0; i < letters; ++i) {
        client.send<packet_type::submit_job_bg>("work", "", std::string(3000, 'x'));
        (void)client.expect(packet_type::job_created);
        worker.send<packet_type::grab_job>();
        worker.send<packet_type::work_fail>(worker.expect(packet_type::job_assign).arguments.at(0));
    }
    server.running().child().send_signal(SIGTERM);
    ASSERT_EQ(server.running().child().wait(), 0);
    server.start();  // with a short log, in which there is no space for all of that
    disk.fill();
    raw_peer operations(server.where());
    operations.send<packet_type::submit_job>("sheaf.dead", "", "purge all");
    (void)operations.expect(packet_type::job_created);
    EXPECT_EQ(operations.expect(packet_type::work_complete).data, "{\"jobs\":1500}");
    submit(20);
    EXPECT_EQ(refused, 0U) << "there is space in the file now";
}

// A kill may come between any two calls; here it comes where it can do harm.
TEST_F(disk_trouble, of_a_server_that_ends_at_any_write_or_sync_loses_nothing) {
    const std::uint64_t seed = random_seed();
    SCOPED_TRACE("SHEAF_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    server.start();
    load_client client("client", here(), notes, {.window = 4, .asked_every = 10}, random());
    load_worker worker("worker", here(), notes, {});
    running_load submitting(client);
    const running_load working(worker);
    for (int cycle = tests_are_long() ? 300 : 40; cycle > 0; --cycle) {
        const auto began = steady_now();
        faults.arm({.of = random() % 2 == 0 ? shim::call::write : shim::call::sync,
                    .what = random() % 2 == 0 ? shim::action::exit : shim::action::exit_after,
                    .file = "jobs.sqlite",
                    .passing = static_cast<std::int64_t>(random() % 40)});
        ASSERT_EQ(server.running().child().wait(), disk_fault_exit);
        faults.disarm_all();
        notes.add({.what = fact::fault, .asked_at = began});
        server.start();
    }
    submitting.stop();
    EXPECT_TRUE(server.runs_empty());
    EXPECT_EQ(complaints(server.seen()), "");
}

// Each sync, and many a write, is the last thing that its process does: of first starts, then of ends and the starts after them.
class short_lives : public disk_trouble {
  protected:
    void start_and_stop() {
        try {
            server.start();
            stop();
        } catch (const peer_failure&) {  // it was gone before it was ready
        }
    }
    void stop() {
        server.running().child().send_signal(SIGTERM);
        server.running().child().wait();
    }
    /// Does `prepare` and, until no call is left to end at, start_and_stop(); after each the server must start.
    void end_at_each_call(const std::function<void()>& prepare) {
        end_at(shim::call::sync, shim::action::exit, 1, prepare);
        end_at(shim::call::sync, shim::action::exit_after, 1, prepare);
        end_at(shim::call::write, shim::action::exit, tests_are_long() ? 1 : 12, prepare);
    }

  private:
    void end_at(shim::call of, shim::action what, std::uint64_t step, const std::function<void()>& prepare) {
        std::uint64_t hits = 1;
        for (std::uint64_t passing = 0; hits != 0; passing += 1 + random_() % step) {
            SCOPED_TRACE("call " + std::to_string(passing) + ", SHEAF_SEED=" + std::to_string(seed_));
            prepare();
            const auto rule = faults.arm(
                {.of = of, .what = what, .file = "jobs.sqlite", .passing = static_cast<std::int64_t>(passing)});
            start_and_stop();
            hits = faults.hits(rule);
            faults.disarm_all();
            ASSERT_NO_THROW(server.start());
        }
    }

    const std::uint64_t seed_ = random_seed();
    std::mt19937_64 random_{seed_};
};

TEST_F(short_lives, hinder_no_start) {
    server.start();
    end_at_each_call([&] {
        server.kill();
        std::filesystem::remove_all(server.data());
    });
    submit(5);
    end_at_each_call([&] { stop(); });
    EXPECT_EQ(server.queued(), 5U);
}

}  // namespace
}  // namespace sheaf::test
