// Outcomes in the order of the range, and sums of them.
#include <functional>
#include <ranges>
#include <vector>

#include <gtest/gtest.h>

#include "unit/scatter/fake_workers.hpp"
#include <sheaf/in_order.hpp>
#include <sheaf/reduce.hpp>

namespace sheaf::test {
namespace {

TEST(in_order, outcomes_come_in_the_order_of_the_range_failures_too) {
    for (const packing pack : {packing::none(), packing(4)}) {
        const auto workers = std::make_shared<fake_workers>();
        workers->batch = 4;
        workers->fate_of = [](int n) { return n % 10 == 3 ? fate::thrown : fate::value; };
        std::size_t expected = 0;
        const scatter_options how{.window = 64, .pack = pack};
        for (auto& [index, outcome] : in_order(scatter(workers, std::views::iota(0, 160), how))) {
            ASSERT_EQ(index, expected);
            ASSERT_EQ(outcome.has_value(), index % 10 != 3);
            if (outcome.has_value()) {
                ASSERT_EQ(*outcome, static_cast<long>(index * index));
            }
            ++expected;
        }
        EXPECT_EQ(expected, 160U);
    }
}

TEST(in_order, a_call_that_takes_long_holds_up_the_others_at_the_window) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 1;
    workers->fate_of = [](int n) { return n == 0 ? fate::silent : fate::value; };
    auto run = scatter(workers, std::views::iota(0), {.window = 8, .pack = packing::none()});
    int held = 0;
    while (run.wait_until(std::chrono::steady_clock::time_point::min())) {
        ASSERT_TRUE(run.next_held());
        ++held;
    }
    EXPECT_EQ(held, 7);
    EXPECT_EQ(run.calls(), 8U) << "seven wait for the first";
}

TEST(in_order, nothing_is_nothing) {
    const auto workers = std::make_shared<fake_workers>();
    for (auto& done : in_order(scatter(workers, std::vector<int>{}))) FAIL() << done.index;
}

TEST(reduce, sums_results_as_they_come) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 1;
    EXPECT_EQ(reduce(scatter(workers, std::views::iota(1, 1001)), std::plus<>{}, 0L), 333'833'500L);
    EXPECT_EQ(reduce(scatter(workers, std::views::iota(3, 4)), std::plus<>{}, 1L), 10L);
    EXPECT_EQ(reduce(scatter(workers, std::vector<int>{}), std::plus<>{}, 7L), 7L);
}

TEST(reduce, throws_the_first_failure_and_cancels_the_rest) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 4;
    workers->fate_of = [](int n) { return n == 3 ? fate::thrown : n == 1 ? fate::silent : fate::value; };
    auto run = scatter(workers, std::views::iota(0), {.window = 4, .pack = packing::none()});
    EXPECT_THROW((void)reduce(run, std::plus<>{}, 0L), odd);
    EXPECT_EQ(workers->cancels, 1U);
    EXPECT_EQ(run.calls(), 4U);
}

}  // namespace
}  // namespace sheaf::test
