// Outcomes of scatters in coroutines.
#include <coroutine>
#include <functional>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "unit/scatter/fake_workers.hpp"
#include <sheaf/next_of.hpp>

namespace sheaf::test {
namespace {

/// A coroutine that begins at once, and belongs to whoever has this.
class routine {
  public:
    struct promise_type {
        routine get_return_object() { return routine(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { throw; }
    };

    explicit routine(std::coroutine_handle<promise_type> of) noexcept : of_(of) {}
    ~routine() { of_.destroy(); }
    routine(const routine&) = delete;
    routine& operator=(const routine&) = delete;

    [[nodiscard]] bool done() const { return of_.done(); }

  private:
    std::coroutine_handle<promise_type> of_;
};

struct tally {
    std::size_t values = 0;
    std::size_t failures = 0;
    long sum = 0;
    std::string thrown;
};

template <class Run>
routine count(Run& run, tally& into) {
    try {
        while (auto done = co_await next_of(run)) {
            if (!done->outcome) {
                ++into.failures;
                continue;
            }
            ++into.values;
            into.sum += *done->outcome;
        }
    } catch (const std::exception& why) {
        into.thrown = why.what();
    }
}

TEST(next_of, all_outcomes_come_whatever_becomes_of_their_packs) {
    for (const packing pack : {packing::none(), packing(4)}) {
        const auto workers = std::make_shared<fake_workers>();
        workers->batch = 4;
        workers->fate_of = [](int n) { return n % 10 == 3 ? fate::kills : fate::value; };
        auto run = scatter(workers, std::views::iota(0, 160), {.window = 64, .pack = pack});
        tally seen;
        const routine counting = count(run, seen);
        while (!counting.done()) workers->answer_all();
        EXPECT_EQ(seen.values, 144U);
        EXPECT_EQ(seen.failures, 16U);
    }
}

TEST(next_of, a_coroutine_is_suspended_until_something_comes) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 100;
    auto run = scatter(workers, std::views::iota(1, 4), {.pack = packing::none()});
    tally seen;
    const routine counting = count(run, seen);
    EXPECT_FALSE(counting.done());
    EXPECT_EQ(seen.values, 0U);
    workers->answer_all();
    EXPECT_TRUE(counting.done());
    EXPECT_EQ(seen.sum, 1 + 4 + 9);
}

TEST(next_of, a_cancelled_scatter_wakes_its_coroutine) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 1;
    workers->fate_of = [](int) { return fate::silent; };
    auto run = scatter(workers, std::views::iota(0), {.window = 8, .pack = packing::none()});
    tally seen;
    const routine counting = count(run, seen);
    EXPECT_FALSE(counting.done());
    run.cancel();
    EXPECT_TRUE(counting.done());
    EXPECT_EQ(seen.failures, 8U);
}

TEST(next_of, a_coroutine_that_was_destroyed_is_not_resumed) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 100;
    auto run = scatter(workers, std::views::iota(0, 3), {.pack = packing::none()});
    tally seen;
    { const routine counting = count(run, seen); }
    workers->answer_all();
    EXPECT_EQ(seen.values, 0U);
    EXPECT_TRUE(run.next()) << "the outcomes are still there";
}

TEST(next_of, what_the_range_throws_is_thrown) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 1;
    const auto numbers = std::views::iota(0) | std::views::transform([](int n) {
                             return n < 20 ? n : throw std::runtime_error("the range has a hole");
                         });
    auto run = scatter(workers, numbers, {.window = 4, .pack = packing::none()});
    tally seen;
    const routine counting = count(run, seen);
    EXPECT_TRUE(counting.done());
    EXPECT_EQ(seen.thrown, "the range has a hole");
}

TEST(next_of, adaptive_hedging_is_refused_and_an_empty_range_is_nothing) {
    const auto workers = std::make_shared<fake_workers>();
    auto hedged = scatter(workers, std::views::iota(0, 3), {.hedge = {.factor = 3}});
    tally seen;
    const routine refused = count(hedged, seen);
    EXPECT_TRUE(refused.done());
    EXPECT_NE(seen.thrown.find("adaptive hedging"), std::string::npos) << seen.thrown;

    auto empty = scatter(workers, std::vector<int>{});
    const routine counting = count(empty, seen);
    EXPECT_TRUE(counting.done());
}

}  // namespace
}  // namespace sheaf::test
