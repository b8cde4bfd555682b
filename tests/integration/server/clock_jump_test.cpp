// Jobs for a time of day in a server whose wall clock really jumps.
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "integration/server/round_trip.hpp"
#include "support/sheafd_process.hpp"
#include "support/wrong_clock.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::system_clock;

class clock_jump : public ::testing::Test {
  protected:
    clock_jump()
        : server_(std::vector<std::string>{}, clock_.environment()),
          client_(server_.where()),
          worker_(server_.where()) {
        worker_.send<packet_type::can_do>("later");
        worker_.send<packet_type::pre_sleep>();
        round_trip::synchronize(worker_);
    }

    void submit_for(clock::time_point when) {
        const auto epoch = std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count();
        client_.send<packet_type::submit_job_epoch>("later", "", std::to_string(epoch), "x");
        (void)client_.expect(packet_type::job_created);
    }
    // How late the worker is woken for what was due at `when`, by the kernel's clock.
    std::chrono::milliseconds lateness(clock::time_point when) {
        (void)worker_.expect(packet_type::noop);
        return std::chrono::floor<std::chrono::milliseconds>(clock::now() - when);
    }

    wrong_clock clock_;

  private:
    sheafd_process server_;
    raw_peer client_;
    raw_peer worker_;
};

TEST_F(clock_jump, forwards_by_an_hour_starts_what_became_due_within_100_ms) {
    submit_for(clock::now() + 30min);
    const auto jump = clock::now();
    clock_.set(1h);
    const auto late = lateness(jump);
    EXPECT_LE(late, 100ms);
}

TEST_F(clock_jump, back_by_an_hour_makes_jobs_wait_for_the_time_that_they_named) {
    const auto due = std::chrono::floor<std::chrono::seconds>(clock::now()) + 3s;
    clock_.set(-1h);
    submit_for(due - 1h);
    const auto late = lateness(due);
    EXPECT_GE(late, 0ms) << "it came too early";
    EXPECT_LE(late, 100ms);
}

}  // namespace
}  // namespace sheaf::test
