// Calls that take much longer than others are made once more.
#include <limits>
#include <ranges>

#include <gtest/gtest.h>

#include "scatter/hedge_pace.hpp"
#include "unit/scatter/fake_workers.hpp"
#include <sheaf/gather.hpp>

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

TEST(hedge_pace, is_a_multiple_of_what_most_calls_take) {
    detail::hedge_pace pace({.factor = 2, .quantile = 0.95, .at_least = 10ms});
    EXPECT_TRUE(pace.wanted());
    for (int i = 0; i < 15; ++i) pace.ended(1s);
    EXPECT_FALSE(pace.delay()) << "too few to say";
    for (int i = 0; i < 400; ++i) pace.ended(i % 100 == 0 ? 10s : 30ms);
    EXPECT_EQ(*pace.delay(), 60ms);
    for (int i = 0; i < 400; ++i) pace.ended(1ms);
    EXPECT_EQ(*pace.delay(), 10ms);
    EXPECT_FALSE(detail::hedge_pace({}).wanted());
}

TEST(hedge_pace, of_numbers_that_are_none_is_a_time_that_a_clock_can_count) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
    detail::hedge_pace pace({.factor = infinity, .quantile = no_number, .at_least = std::chrono::milliseconds::max()});
    for (int i = 0; i < 16; ++i) pace.ended(1s);
    EXPECT_EQ(*pace.delay(), 24h * 365);
    EXPECT_FALSE(detail::hedge_pace({.factor = no_number}).wanted());
}

const adaptive_hedge at_once{.factor = 0.001, .at_least = 0ms};

TEST(hedged_scatter, a_silent_call_is_made_again_and_the_first_to_end_counts) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 1;
    bool silent = true;
    workers->fate_of = [&](int n) { return n == 40 && std::exchange(silent, false) ? fate::silent : fate::value; };
    const auto got = gather(scatter(workers, std::views::iota(0, 100), {.hedge = at_once}));
    EXPECT_TRUE(got.complete());
    EXPECT_EQ(workers->jobs, 101U);
    EXPECT_EQ(workers->largest_pack, 0U) << "hedged calls are not packed";
    EXPECT_EQ(workers->cancels, 1U);
}

TEST(hedged_scatter, a_call_that_was_given_up_takes_no_room) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 1;
    workers->deaf = true;
    bool silent = true;
    workers->fate_of = [&](int n) { return n == 40 && std::exchange(silent, false) ? fate::silent : fate::value; };
    EXPECT_TRUE(gather(scatter(workers, std::views::iota(0, 100), {.window = 1, .hedge = at_once})).complete());
}

TEST(hedged_scatter, calls_are_made_again_although_results_are_at_hand_all_the_time) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 1;
    bool silent = true;
    workers->fate_of = [&](int n) { return n == 40 && std::exchange(silent, false) ? fate::silent : fate::value; };
    auto run = scatter(workers, std::views::iota(0), {.hedge = at_once});
    for (int i = 0; i < 1000; ++i) (void)run.next();
    EXPECT_EQ(workers->begun.count(40), 1U);
}

TEST(hedged_scatter, a_copy_that_fails_leaves_the_call_to_the_other) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 1;
    int tries = 0;
    workers->fate_of = [&](int n) {
        if (n != 40) return fate::value;
        return ++tries == 1 ? fate::silent : fate::kills;
    };
    const auto got = gather(scatter(workers, std::views::iota(0, 100), {.hedge = at_once}), first(99));
    EXPECT_EQ(got.values().size(), 99U);
    EXPECT_TRUE(got.failures().empty()) << "the first copy might still have done it";
    EXPECT_EQ(got.missing(), std::vector<std::size_t>{40});
}

TEST(hedged_scatter, calls_that_must_not_run_twice_are_not_hedged) {
    const auto workers = std::make_shared<fake_workers>();
    EXPECT_THROW((void)scatter(workers, std::vector{1}, {.hedge = at_once, .call = {.unique = "key"}}), call_error);
    using once = task<"once", long(int)>;
    EXPECT_THROW((scatter_run<once, std::vector<int>>(workers, nullptr, std::vector{1}, {.hedge = at_once})),
                 call_error);
}

}  // namespace
}  // namespace sheaf::test
