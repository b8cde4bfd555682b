// Which calls a process runs, and which were cancelled before it ran them.
#include "cluster/running_calls.hpp"

#include <array>
#include <vector>

#include <gmock/gmock.h>

namespace sheaf::detail {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr cancelled_calls::time_point now{1000s};

class job_in_slot final : public runtime::assignment {
  public:
    explicit job_in_slot(std::size_t slot) : slot_(slot) {}
    [[nodiscard]] std::string_view handle() const noexcept override { return "H:1"; }
    [[nodiscard]] std::string_view function() const noexcept override { return "f"; }
    [[nodiscard]] std::string_view unique() const noexcept override { return ""; }
    [[nodiscard]] std::string_view reducer() const noexcept override { return {}; }
    [[nodiscard]] std::unique_ptr<runtime::deferred_job> defer() override { return nullptr; }
    [[nodiscard]] const shared_bytes& payload() const noexcept override { return payload_; }
    [[nodiscard]] std::size_t slot() const noexcept override { return slot_; }
    [[nodiscard]] std::size_t server() const noexcept override { return 0; }
    void send_data(std::string_view) override {}
    void send_warning(std::string_view) override {}
    void send_status(std::uint64_t, std::uint64_t) override {}
    [[nodiscard]] std::stop_token stop_token() const noexcept override { return {}; }
    void expire_after(std::chrono::milliseconds, shared_bytes) override {}
    void give_up(shared_bytes) override {}
    void say_every(std::chrono::milliseconds, std::chrono::milliseconds, shared_bytes) override {}
    bool lend_slot() override { return false; }
    void take_slot_back() noexcept override {}

  private:
    std::size_t slot_;
    shared_bytes payload_;
};

class running_calls_test : public ::testing::Test {
  protected:
    void cancel(std::vector<std::uint64_t> calls) {
        all.cancel(calls, now, [this](runtime::assignment& job) { stopped.push_back(job.slot()); });
    }
    running_calls all{3};
    job_in_slot first{0};
    job_in_slot last{2};
    std::vector<std::size_t> stopped;
};

TEST_F(running_calls_test, a_call_that_runs_is_stopped_in_its_slot_alone) {
    const running_calls::entry one(all, 7, first);
    const running_calls::entry other(all, 8, last);
    EXPECT_FALSE(one.was_cancelled());
    cancel({8});
    EXPECT_THAT(stopped, ElementsAre(2));
}

TEST_F(running_calls_test, a_call_that_has_ended_is_not_stopped_nor_what_its_slot_runs_now) {
    { const running_calls::entry before(all, 7, first); }
    const running_calls::entry now_there(all, 8, first);
    cancel({7});
    EXPECT_THAT(stopped, IsEmpty());
}

TEST_F(running_calls_test, a_call_that_was_cancelled_before_it_began_knows_once) {
    cancel({7, 9});
    const running_calls::entry cancelled(all, 9, first);
    EXPECT_TRUE(cancelled.was_cancelled());
    const running_calls::entry again(all, 9, last);
    EXPECT_FALSE(again.was_cancelled());
}

TEST(cancelled_calls, are_forgotten_after_a_while) {
    cancelled_calls calls;
    calls.remember(1, now);
    calls.remember(2, now + 1s);
    calls.remember(3, now + cancelled_calls::kept_for);
    EXPECT_FALSE(calls.take(1));
    EXPECT_TRUE(calls.take(2));
    EXPECT_TRUE(calls.take(3));
    EXPECT_TRUE(calls.empty());
}

TEST(cancelled_calls, are_so_many_at_most_and_the_newest_stay) {
    cancelled_calls calls;
    for (std::uint64_t call = 0; call <= cancelled_calls::calls_max; ++call) calls.remember(call, now);
    EXPECT_FALSE(calls.take(0));
    EXPECT_TRUE(calls.take(1));
    EXPECT_TRUE(calls.take(cancelled_calls::calls_max));
}

}  // namespace
}  // namespace sheaf::detail
