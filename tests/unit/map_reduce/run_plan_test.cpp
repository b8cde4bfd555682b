// The planner, in virtual time.
#include "map_reduce/run_plan.hpp"

#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using state = run_plan::state;

failure lost(errc code = errc::worker_lost) {
    failure why;
    why.code = code;
    why.message = "it broke";
    return why;
}

struct planning : testing::Test {
    std::vector<unit_attempt> start_all(run_plan& plan) const {
        std::vector<unit_attempt> started;
        while (const auto one = plan.start_next(now)) started.push_back(*one);
        return started;
    }
    // Starts what there is to start, and finishes it, until nothing more comes.
    void finish_everything(run_plan& plan) const {
        for (auto started = start_all(plan); !started.empty(); started = start_all(plan)) {
            for (const unit_attempt& one : started) EXPECT_TRUE(plan.finish(one, now));
        }
    }

    run_plan::time_point now{1h};
};

constexpr unit_attempt map(std::uint32_t index, std::uint32_t number = 1) { return {run_stage::map, index, number}; }
constexpr unit_attempt reduce(std::uint32_t index, std::uint32_t number = 1) {
    return {run_stage::reduce, index, number};
}

TEST_F(planning, reducing_waits_for_the_last_map_and_the_window_is_never_exceeded) {
    run_plan plan({.splits = 3, .partitions = 2, .window = 2});
    EXPECT_EQ(start_all(plan), (std::vector{map(0), map(1)}));
    EXPECT_TRUE(plan.finish(map(1), now));
    EXPECT_EQ(start_all(plan), std::vector{map(2)});
    EXPECT_TRUE(plan.finish(map(2), now));
    EXPECT_TRUE(start_all(plan).empty());
    EXPECT_TRUE(plan.finish(map(0), now));
    EXPECT_EQ(start_all(plan), (std::vector{reduce(0), reduce(1)}));
    EXPECT_TRUE(plan.finish(reduce(0), now));
    EXPECT_EQ(plan.now(), state::running);
    EXPECT_TRUE(plan.finish(reduce(1), now));
    EXPECT_EQ(plan.now(), state::done);
    EXPECT_EQ(plan.counts().attempts, 5U);
    EXPECT_EQ(plan.counts().retries, 0U);
}

TEST_F(planning, without_input_the_partitions_are_reduced_at_once) {
    run_plan plan({.splits = 0, .partitions = 1});
    EXPECT_EQ(start_all(plan), std::vector{reduce(0)});
    EXPECT_TRUE(plan.finish(reduce(0), now));
    EXPECT_EQ(plan.now(), state::done);
}

TEST_F(planning, a_unit_whose_worker_was_lost_is_tried_again_before_the_others) {
    run_plan plan({.splits = 3, .window = 1});
    EXPECT_EQ(start_all(plan), std::vector{map(0)});
    plan.fail(map(0), lost(), now);
    EXPECT_EQ(start_all(plan), std::vector{map(0, 2)});
    EXPECT_EQ(plan.counts().retries, 1U);
    EXPECT_EQ(plan.counts().workers_lost, 1U);
}

TEST_F(planning, a_lost_connection_is_given_longer_to_come_back_each_time) {
    run_plan plan({.splits = 1, .retry_pause = 100ms});
    EXPECT_EQ(start_all(plan).size(), 1U);
    plan.fail(map(0), lost(errc::connection_lost), now);
    EXPECT_TRUE(start_all(plan).empty());
    EXPECT_EQ(plan.next_deadline(), now + 100ms);
    now += 100ms;
    EXPECT_EQ(start_all(plan), std::vector{map(0, 2)});
    plan.fail(map(0, 2), lost(errc::connection_lost), now);
    EXPECT_EQ(plan.next_deadline(), now + 200ms);
}

TEST_F(planning, the_fourth_failure_of_a_unit_fails_the_run) {
    run_plan plan({.splits = 8, .window = 8, .failures_max = 4});
    EXPECT_EQ(start_all(plan).size(), 8U);
    for (std::uint32_t number = 1; number <= 4; ++number) {
        ASSERT_EQ(plan.now(), state::running);
        plan.fail(map(5, number), lost(), now);
        start_all(plan);
    }
    EXPECT_EQ(plan.now(), state::failed);
    EXPECT_EQ(plan.why().message, "it broke (the last of 4 attempts that failed)");
    EXPECT_TRUE(start_all(plan).empty());
    EXPECT_EQ(plan.next_deadline(), std::nullopt);
    // The others still end; nothing comes of it.
    (void)plan.finish(map(0), now);
    plan.fail(map(1), lost(), now);
    EXPECT_EQ(plan.now(), state::failed);
}

TEST_F(planning, failures_of_different_units_are_not_added_up) {
    run_plan plan({.splits = 6, .window = 6});
    start_all(plan);
    for (std::uint32_t index = 0; index < 6; ++index) plan.fail(map(index), lost(), now);
    EXPECT_EQ(plan.now(), state::running);
    finish_everything(plan);
    EXPECT_EQ(plan.now(), state::done);
}

TEST_F(planning, what_no_other_attempt_would_do_better_fails_the_run_at_once) {
    failure refusal = lost(errc::remote_exception);
    refusal.typed_index = 0;
    for (const failure& why : {refusal, lost(errc::schema_mismatch), lost(errc::malformed)}) {
        run_plan plan({.splits = 1});
        start_all(plan);
        plan.fail(map(0), why, now);
        EXPECT_EQ(plan.now(), state::failed) << to_string(why.code);
        EXPECT_EQ(plan.why().message, "it broke");
    }
}

TEST_F(planning, an_exception_of_the_handler_is_tried_again_elsewhere) {
    run_plan plan({.splits = 1});
    start_all(plan);
    plan.fail(map(0), lost(errc::remote_exception), now);
    EXPECT_EQ(plan.now(), state::running);
}

TEST_F(planning, a_lost_segment_is_mapped_again_and_the_reducers_come_back_afterwards) {
    run_plan plan({.splits = 2, .partitions = 2, .window = 4});
    start_all(plan);
    EXPECT_TRUE(plan.finish(map(0), now));
    EXPECT_TRUE(plan.finish(map(1), now));
    EXPECT_EQ(start_all(plan), (std::vector{reduce(0), reduce(1)}));
    plan.lose_segment(reduce(0), 1, true, lost(errc::remote_exception));
    EXPECT_EQ(start_all(plan), std::vector{map(1, 2)}) << "the reducer waits for the map";
    plan.lose_segment(reduce(1), 1, false, lost(errc::remote_exception));
    EXPECT_TRUE(start_all(plan).empty()) << "the second report of the same loss is no news";
    EXPECT_TRUE(plan.finish(map(1, 2), now));
    EXPECT_EQ(start_all(plan), (std::vector{reduce(1, 2), reduce(0, 2)}));
    EXPECT_TRUE(plan.finish(reduce(0, 2), now));
    EXPECT_TRUE(plan.finish(reduce(1, 2), now));
    EXPECT_EQ(plan.now(), state::done);
    EXPECT_EQ(plan.counts().segments_lost, 1U);
}

TEST_F(planning, a_segment_that_is_lost_again_and_again_fails_the_run) {
    run_plan plan({.splits = 1, .partitions = 1, .failures_max = 4});
    for (std::uint32_t number = 1; plan.now() == state::running; ++number) {
        ASSERT_LE(number, 4U);
        EXPECT_EQ(start_all(plan), std::vector{map(0, number)});
        EXPECT_TRUE(plan.finish(map(0, number), now));
        EXPECT_EQ(start_all(plan), std::vector{reduce(0, number)});
        plan.lose_segment(reduce(0, number), 0, true, lost(errc::remote_exception));
    }
    EXPECT_THAT(plan.why().message, HasSubstr("(the last of 4 attempts that failed)"));
}

TEST_F(planning, a_straggler_gets_one_backup_and_the_first_to_finish_counts) {
    run_plan plan({.splits = 4, .partitions = 1, .window = 4, .backup_after = 5s});
    start_all(plan);
    now += 1s;
    for (std::uint32_t index = 0; index < 3; ++index) EXPECT_TRUE(plan.finish(map(index), now));
    EXPECT_TRUE(start_all(plan).empty());
    ASSERT_EQ(plan.next_deadline(), now + 4s);
    now += 4s;
    EXPECT_EQ(start_all(plan), std::vector{map(3, 2)});
    now += 1h;
    EXPECT_TRUE(start_all(plan).empty()) << "a second backup";
    EXPECT_TRUE(plan.finish(map(3, 2), now));
    EXPECT_EQ(start_all(plan), std::vector{reduce(0)});
    EXPECT_FALSE(plan.finish(map(3), now)) << "the straggler came second";
    EXPECT_EQ(plan.done_in(run_stage::map), 4U);
    EXPECT_EQ(plan.counts().backups, 1U);
}

TEST_F(planning, long_units_get_no_backup_before_three_times_the_mean) {
    run_plan plan({.splits = 4, .partitions = 1, .window = 4, .backup_after = 5s});
    start_all(plan);
    now += 60s;
    for (std::uint32_t index = 0; index < 3; ++index) EXPECT_TRUE(plan.finish(map(index), now));
    EXPECT_EQ(plan.next_deadline(), now + 120s);
}

TEST_F(planning, when_a_straggler_fails_its_backup_goes_on_alone) {
    run_plan plan({.splits = 4, .partitions = 1, .window = 4, .backup_after = 5s});
    start_all(plan);
    for (std::uint32_t index = 0; index < 3; ++index) EXPECT_TRUE(plan.finish(map(index), now));
    now += 5s;
    EXPECT_EQ(start_all(plan), std::vector{map(3, 2)});
    plan.fail(map(3), lost(), now);
    EXPECT_TRUE(start_all(plan).empty());
    plan.fail(map(3, 2), lost(), now);
    EXPECT_EQ(start_all(plan), std::vector{map(3, 3)});
}

// Whatever fails, gets lost or is slow: a run that ends well has reduced each partition once, and used no output that
// was given up.
TEST_F(planning, any_order_of_events_ends_with_every_unit_done_once) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 generator(seed);
    const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
    for (int round = 0; round < 300; ++round) {
        const std::uint32_t splits = random() % 12;
        const std::uint32_t partitions = 1 + random() % 5;
        run_plan plan({.splits = splits, .partitions = partitions, .window = 1 + random() % 6, .failures_max = 1000});
        std::vector<unit_attempt> out;
        std::set<std::uint32_t> mapped;
        std::set<std::uint32_t> reduced;
        for (int step = 0; plan.now() == state::running; ++step) {
            ASSERT_LT(step, 100000);
            for (const unit_attempt& one : start_all(plan)) out.push_back(one);
            if (out.empty() || random() % 8 == 0) {
                ASSERT_TRUE(!out.empty() || plan.next_deadline());
                now = std::max(now, plan.next_deadline().value_or(now)) + 10s;
                continue;
            }
            const std::size_t which = random() % out.size();
            const unit_attempt one = out[which];
            out.erase(out.begin() + static_cast<std::ptrdiff_t>(which));
            const unsigned what = random() % 6;
            if (what == 0) {
                plan.fail(one, lost(random() % 2 == 0 ? errc::worker_lost : errc::connection_lost), now);
            } else if (what == 1 && one.stage == run_stage::reduce && splits > 0) {
                const std::uint32_t split = random() % splits;
                plan.lose_segment(one, split, mapped.contains(split), lost());
                if (!reduced.contains(one.index)) mapped.erase(split);
            } else if (plan.finish(one, now)) {
                EXPECT_TRUE((one.stage == run_stage::map ? mapped : reduced).insert(one.index).second);
            }
        }
        EXPECT_EQ(plan.now(), state::done);
        EXPECT_EQ(reduced.size(), partitions);
    }
}

}  // namespace
}  // namespace sheaf::detail
