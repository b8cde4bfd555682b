// What each policy makes of values, failures, lost workers and silence: every element is accounted for.
#include <numeric>
#include <ranges>
#include <vector>

#include <gtest/gtest.h>

#include "unit/scatter/fake_workers.hpp"
#include <sheaf/gather.hpp>

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

std::vector<int> numbers(int count) {
    std::vector<int> all_of_them(static_cast<std::size_t>(count));
    std::iota(all_of_them.begin(), all_of_them.end(), 0);
    return all_of_them;
}

struct situation {
    const char* name;
    int fails_of_hundred;
    fate how;
    packing pack;
};

const situation situations[] = {
    {"nothing fails", 0, fate::value, packing::automatic()},
    {"1 % throw", 1, fate::thrown, packing::automatic()},
    {"1 % throw, unpacked", 1, fate::thrown, packing::none()},
    {"1 % kill", 1, fate::kills, packing::automatic()},
    {"1 % kill, in packs of 100", 1, fate::kills, packing(100)},
    {"1 % kill, unpacked", 1, fate::kills, packing::none()},
    {"50 % throw", 50, fate::thrown, packing(7)},
    {"50 % kill", 50, fate::kills, packing::automatic()},
    {"100 % throw", 100, fate::thrown, packing::automatic()},
    {"100 % kill", 100, fate::kills, packing::automatic()},
};

constexpr int count = 1000;

/// The numbers that fail are spread evenly.
bool fails(int n, int of_hundred) { return n * 37 % 100 < of_hundred; }

std::shared_ptr<fake_workers> workers_for(const situation& at) {
    auto workers = std::make_shared<fake_workers>();
    workers->fate_of = [at](int n) { return fails(n, at.fails_of_hundred) ? at.how : fate::value; };
    workers->batch = 1;
    return workers;
}

std::size_t failing(const situation& at) { return static_cast<std::size_t>(count * at.fails_of_hundred / 100); }

TEST(gather, collect_has_a_value_or_the_right_failure_for_every_element) {
    for (const situation& at : situations) {
        SCOPED_TRACE(at.name);
        const auto workers = workers_for(at);
        const auto got = gather(scatter(workers, numbers(count), {.pack = at.pack}), collect);
        EXPECT_EQ(got.ended(), gather_end::complete);
        EXPECT_EQ(got.complete(), at.fails_of_hundred == 0);
        EXPECT_EQ(got.elements(), std::size_t{count});
        EXPECT_EQ(got.failures().size(), failing(at));
        EXPECT_EQ(got.values().size() + got.failures().size(), std::size_t{count});
        EXPECT_TRUE(got.missing().empty());
        for (const auto& [index, value] : got.values()) {
            ASSERT_FALSE(fails(static_cast<int>(index), at.fails_of_hundred));
            ASSERT_EQ(value, static_cast<long>(index * index));
        }
        const errc code = at.how == fate::kills ? errc::worker_lost : errc::remote_exception;
        for (const auto& [index, why] : got.failures()) {
            ASSERT_TRUE(fails(static_cast<int>(index), at.fails_of_hundred));
            ASSERT_EQ(why.code, code);
        }
    }
}

TEST(gather, calls_beside_one_that_kills_are_run_once_more_and_no_other_is_run_twice) {
    const auto workers = std::make_shared<fake_workers>();
    workers->fate_of = [](int n) { return n == 500 ? fate::kills : fate::value; };
    workers->batch = 1;
    const auto got = gather(scatter(workers, numbers(count), {.pack = 100}), collect);
    EXPECT_EQ(got.values().size(), std::size_t{count - 1});
    EXPECT_EQ(workers->largest_pack, 100U);
    EXPECT_GT(workers->lost.size(), 1U);
    for (const int n : workers->lost) EXPECT_EQ(workers->alone.count(n), 1U) << n << " was in the pack with the killer";
    for (const int n : numbers(count)) EXPECT_EQ(workers->begun.count(n), n == 500 ? 0U : 1U) << n;
}

TEST(gather, all_throws_the_failure_of_the_lowest_index_after_every_call_has_ended) {
    for (const situation& at : situations) {
        SCOPED_TRACE(at.name);
        const auto workers = workers_for(at);
        auto run = scatter(workers, numbers(count), {.pack = at.pack});
        if (at.fails_of_hundred == 0) {
            EXPECT_TRUE(gather(run).complete());
        } else if (at.how == fate::kills) {
            EXPECT_THROW((void)gather(run), worker_lost);
        } else {
            EXPECT_THROW((void)gather(run), odd);
        }
        EXPECT_TRUE(run.whole());
        EXPECT_EQ(run.pending(), 0U);
        EXPECT_EQ(workers->cancels, 0U);
    }
    const auto workers = std::make_shared<fake_workers>();
    workers->fate_of = [](int n) { return n == 3 || n == 5 ? fate::thrown : fate::value; };
    try {
        (void)gather(scatter(workers, numbers(8), {.window = 8, .pack = packing::none()}), all);
        FAIL() << "nothing was thrown";
    } catch (const odd& error) {
        EXPECT_STREQ(error.what(), "3") << "although 5 came first";
    }
}

TEST(gather, fail_fast_throws_the_first_failure_to_arrive_and_cancels_the_rest) {
    const auto workers = std::make_shared<fake_workers>();
    workers->fate_of = [](int n) { return n == 3 || n == 5 ? fate::thrown : n == 1 ? fate::silent : fate::value; };
    auto run = scatter(workers, numbers(8), {.window = 8, .pack = packing::none()});
    try {
        (void)gather(run, fail_fast);
        FAIL() << "nothing was thrown";
    } catch (const odd& error) {
        EXPECT_STREQ(error.what(), "5");
    }
    EXPECT_EQ(workers->cancels, 1U) << "the silent one";
    EXPECT_EQ(run.calls(), 8U);
}

TEST(gather, first_has_as_many_values_as_were_asked_for_or_all_there_are) {
    for (const situation& at : situations) {
        SCOPED_TRACE(at.name);
        const auto got = gather(scatter(workers_for(at), numbers(count), {.pack = at.pack}), first(20));
        const std::size_t possible = count - failing(at);
        EXPECT_EQ(got.values().size(), std::min<std::size_t>(possible, 20));
        EXPECT_EQ(got.ended(), possible < 20 ? gather_end::complete : gather_end::enough);
        EXPECT_EQ(got.values().size() + got.failures().size() + got.missing().size(), std::size_t{count});
    }
}

TEST(gather, a_quorum_that_cannot_be_had_is_incomplete) {
    for (const situation& at : situations) {
        SCOPED_TRACE(at.name);
        auto run = scatter(workers_for(at), numbers(count), {.pack = at.pack});
        const std::size_t possible = count - failing(at);
        if (possible < 600) {
            EXPECT_THROW((void)gather(run, quorum(600)), incomplete);
        } else {
            EXPECT_EQ(gather(run, quorum(600)).values().size(), 600U);
        }
    }
}

TEST(gather, a_quorum_is_given_up_as_soon_as_it_is_out_of_reach) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 3;
    workers->fate_of = [](int n) { return n == 0 ? fate::silent : fate::kills; };
    EXPECT_THROW((void)gather(scatter(workers, numbers(3), {.pack = packing::none()}), quorum(2)), incomplete)
        << "the silent one would not be enough";
}

TEST(gather, a_quorum_larger_than_the_range_calls_nothing) {
    const auto workers = std::make_shared<fake_workers>();
    EXPECT_THROW((void)gather(scatter(workers, numbers(3)), quorum(4)), incomplete);
    EXPECT_EQ(workers->jobs, 0U);
}

TEST(gather, an_incomplete_quorum_says_what_failed_first) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 1;
    workers->fate_of = [](int) { return fate::kills; };
    try {
        (void)gather(scatter(workers, numbers(100), {.pack = packing::none()}), quorum(80));
        FAIL() << "nothing was thrown";
    } catch (const incomplete& error) {
        ASSERT_EQ(error.why().causes.size(), 8U) << "not each of 21";
        EXPECT_EQ(error.why().causes[0], "element 0: killed");
    }
}

TEST(gather, best_effort_says_what_is_missing) {
    for (const packing pack : {packing::none(), packing(10)}) {
        const std::size_t silent = pack.how() == packing::mode::none ? 1 : 10;
        std::shared_ptr<fake_workers> workers;
        const auto in = [&](std::chrono::milliseconds time) {
            workers = std::make_shared<fake_workers>();
            workers->batch = 1;
            workers->fate_of = [](int n) { return n == 7 ? fate::silent : n == 20 ? fate::thrown : fate::value; };
            return gather(scatter(workers, numbers(60), {.pack = pack}), best_effort(time));
        };
        auto got = in(0ms);
        // A machine that is busy with other things may not get at all that has come.
        for (auto time = 20ms; got.missing().size() > silent && time < 20s; time *= 2) got = in(time);
        EXPECT_EQ(got.ended(), gather_end::out_of_time);
        EXPECT_EQ(got.missing().size(), silent);
        EXPECT_EQ(got.find(7), nullptr);
        ASSERT_NE(got.find(59), nullptr);
        EXPECT_EQ(*got.find(59), 59 * 59);
        ASSERT_EQ(got.failures().size(), 1U);
        EXPECT_EQ(got.failures()[0].index, 20U);
        EXPECT_EQ(workers->cancels, 1U);
        EXPECT_FALSE(got.complete());
    }
}

TEST(gather, best_effort_ends_although_results_are_at_hand_all_the_time) {
    for (const packing pack : {packing::none(), packing(10)}) {
        std::size_t taken = 0;
        // A machine that is busy with other things may spend the time that there is for taking them elsewhere.
        for (int attempt = 0; attempt < 100 && taken != 100; ++attempt) {
            const auto workers = std::make_shared<fake_workers>();
            workers->batch = 1;
            const auto got =
                gather(scatter(workers, std::views::iota(0), {.window = 100, .pack = pack}), best_effort(0ms));
            EXPECT_EQ(got.ended(), gather_end::out_of_time);
            taken = got.values().size();
            ASSERT_LE(taken, 100U);
        }
        EXPECT_EQ(taken, 100U) << "what was there is not thrown away";
    }
}

TEST(gather, nothing_and_one_are_gathered_by_every_policy) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 1;
    for (const gather_policy& policy : {all, fail_fast, collect, first(1), quorum(0), best_effort(1h)}) {
        const auto none = gather(scatter(workers, std::vector<int>{}), policy);
        EXPECT_TRUE(none.values().empty());
        EXPECT_TRUE(none.failures().empty());
        EXPECT_TRUE(none.missing().empty());
        EXPECT_EQ(none.ended(),
                  policy.what() == gather_policy::kind::quorum ? gather_end::enough : gather_end::complete);
    }
    EXPECT_THROW((void)gather(scatter(workers, std::vector<int>{}), quorum(1)), incomplete);
    EXPECT_EQ(workers->jobs, 0U);
    EXPECT_EQ(gather(scatter(workers, std::vector{4}), first(0)).missing(), std::vector<std::size_t>{0});
    EXPECT_EQ(workers->jobs, 0U) << "nothing is called for nothing";
    for (const gather_policy& policy : {all, fail_fast, collect, first(1), quorum(1), best_effort(1h)}) {
        const auto one = gather(scatter(workers, std::vector{4}), policy);
        EXPECT_TRUE(one.missing().empty());
        EXPECT_EQ(*one.find(0), 16);
    }
}

TEST(gather, a_scatter_that_ends_early_is_an_exception_or_says_so) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 1;
    EXPECT_THROW((void)gather(scatter(workers, numbers(3), {.deadline = 0ms})), timeout);
    const auto late = gather(scatter(workers, numbers(3), {.deadline = 0ms}), collect);
    EXPECT_EQ(late.ended(), gather_end::out_of_time);
    EXPECT_EQ(late.missing().size(), 3U);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW((void)gather(scatter(workers, numbers(3), {.call = {.stop = stop.get_token()}})), cancelled);
    EXPECT_EQ(gather(scatter(workers, numbers(3), {.call = {.stop = stop.get_token()}}), first(1)).ended(),
              gather_end::cancelled);
    EXPECT_EQ(workers->jobs, 0U);
}

}  // namespace
}  // namespace sheaf::test
