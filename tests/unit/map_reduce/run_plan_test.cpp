// The planner, in virtual time.
#include "map_reduce/run_plan.hpp"

#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sheaf/detail/unit_refused.hpp>

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

std::vector<stage_plan> stages(std::uint32_t splits, std::uint32_t partitions = 1) {
    return {{run_stage::map, std::vector<std::uint64_t>(splits, 1)},
            {run_stage::reduce, std::vector<std::uint64_t>(partitions, 1)}};
}

struct planning : testing::Test {
    std::vector<unit_attempt> start_all(run_plan& plan) const {
        std::vector<unit_attempt> started;
        while (const auto one = plan.start_next(now)) started.push_back(*one);
        return started;
    }
    std::vector<unit_attempt> end_all(run_plan& plan) const {
        std::vector<unit_attempt> ended;
        while (const auto one = plan.end_next(now)) ended.push_back(one->attempt);
        return ended;
    }
    [[nodiscard]] bool finishes(run_plan& plan, const unit_attempt& one) const {
        return plan.finish(one, 0, now) == finish_verdict::counts;
    }
    // For failures after which the unit is not divided.
    void fail(run_plan& plan, const unit_attempt& one, const failure& why = lost()) const {
        EXPECT_FALSE(plan.fail(one, why, now));
    }
    // Starts what there is to start, and finishes it, until nothing more comes.
    void finish_everything(run_plan& plan) const {
        for (auto started = start_all(plan); !started.empty(); started = start_all(plan)) {
            for (const unit_attempt& one : started) EXPECT_TRUE(finishes(plan, one));
        }
    }

    run_plan::time_point now{1h};
};

constexpr unit_attempt map(std::uint32_t index, std::uint32_t number = 1, attempt_mode mode = attempt_mode::normal) {
    return {run_stage::map, index, number, mode};
}
constexpr unit_attempt reduce(std::uint32_t index, std::uint32_t number = 1) {
    return {run_stage::reduce, index, number};
}

TEST_F(planning, each_stage_waits_for_the_one_before_and_the_window_is_never_exceeded) {
    std::vector<stage_plan> all = stages(3, 2);
    all.insert(all.begin(), {run_stage::sample, {1}});
    run_plan plan({.window = 2}, all);
    const unit_attempt sample{run_stage::sample, 0, 1};
    EXPECT_EQ(start_all(plan), std::vector{sample});
    EXPECT_TRUE(finishes(plan, sample));
    EXPECT_EQ(start_all(plan), (std::vector{map(0), map(1)}));
    EXPECT_TRUE(finishes(plan, map(1)));
    EXPECT_EQ(start_all(plan), std::vector{map(2)});
    EXPECT_TRUE(finishes(plan, map(2)));
    EXPECT_TRUE(start_all(plan).empty());
    EXPECT_TRUE(finishes(plan, map(0)));
    EXPECT_EQ(start_all(plan), (std::vector{reduce(0), reduce(1)}));
    EXPECT_TRUE(finishes(plan, reduce(0)));
    EXPECT_EQ(plan.now(), state::running);
    EXPECT_TRUE(finishes(plan, reduce(1)));
    EXPECT_EQ(plan.now(), state::done);
    EXPECT_EQ(plan.counts().attempts, 6U);
    EXPECT_EQ(plan.counts().retries, 0U);
}

TEST_F(planning, without_input_the_partitions_are_reduced_at_once) {
    run_plan plan({}, stages(0));
    EXPECT_EQ(start_all(plan), std::vector{reduce(0)});
    EXPECT_TRUE(finishes(plan, reduce(0)));
    EXPECT_EQ(plan.now(), state::done);
}

TEST_F(planning, what_an_earlier_driver_has_finished_is_not_started) {
    run_plan plan({.window = 8}, stages(3, 2));
    plan.restore_done(run_stage::map, 0);
    plan.restore_done(run_stage::map, 2);
    plan.restore_done(run_stage::reduce, 1);
    EXPECT_EQ(start_all(plan), std::vector{map(1)});
    EXPECT_TRUE(finishes(plan, map(1)));
    EXPECT_EQ(start_all(plan), std::vector{reduce(0)});
    EXPECT_TRUE(finishes(plan, reduce(0)));
    EXPECT_EQ(plan.now(), state::done);
}

TEST_F(planning, what_an_earlier_driver_has_divided_is_not_started_but_its_parts_are) {
    run_plan plan({.window = 8}, stages(4, 1));
    plan.restore_divided(run_stage::map, 1);
    plan.restore_done(run_stage::map, 0);
    EXPECT_EQ(plan.units_in(run_stage::map), 3U);
    EXPECT_EQ(start_all(plan), (std::vector{map(2), map(3)}));
    EXPECT_TRUE(finishes(plan, map(2)));
    EXPECT_TRUE(finishes(plan, map(3)));
    EXPECT_EQ(start_all(plan), std::vector{reduce(0)});
}

TEST_F(planning, a_unit_whose_worker_was_lost_is_tried_again_before_the_others) {
    run_plan plan({.window = 1}, stages(3));
    EXPECT_EQ(start_all(plan), std::vector{map(0)});
    fail(plan, map(0));
    EXPECT_EQ(start_all(plan), std::vector{map(0, 2)});
    EXPECT_EQ(plan.counts().retries, 1U);
    EXPECT_EQ(plan.counts().workers_lost, 1U);
}

TEST_F(planning, what_was_ended_is_given_longer_each_time) {
    run_plan plan({.retry_pause = 100ms}, stages(1));
    EXPECT_EQ(start_all(plan).size(), 1U);
    fail(plan, map(0), lost(errc::job_failed));
    EXPECT_TRUE(start_all(plan).empty());
    EXPECT_EQ(plan.next_deadline(now), now + 100ms);
    now += 100ms;
    EXPECT_EQ(start_all(plan), std::vector{map(0, 2)});
    fail(plan, map(0, 2), lost(errc::job_failed));
    EXPECT_EQ(plan.next_deadline(now), now + 200ms);
}

// Or whoever waits until then would never wait.
TEST_F(planning, no_deadline_lies_in_the_past_while_all_attempts_that_there_may_be_are_out) {
    run_plan plan({.window = 1, .retry_pause = 100ms}, stages(2));
    EXPECT_EQ(start_all(plan), std::vector{map(0)});
    fail(plan, map(0), lost(errc::job_failed));
    EXPECT_EQ(start_all(plan), std::vector{map(1)});
    now += 200ms;
    EXPECT_TRUE(start_all(plan).empty());
    EXPECT_EQ(plan.next_deadline(now), std::nullopt);
    fail(plan, map(1), lost(errc::job_failed));
    EXPECT_EQ(start_all(plan), std::vector{map(0, 2)});
}

TEST_F(planning, after_a_lost_connection_the_same_attempt_is_submitted_again_and_nothing_has_failed) {
    run_plan plan({.failures_max = 1}, stages(1));
    EXPECT_EQ(start_all(plan), std::vector{map(0)});
    for (int i = 0; i < 10; ++i) {
        fail(plan, map(0), lost(errc::connection_lost));
        EXPECT_TRUE(start_all(plan).empty());
        now = plan.next_deadline(now).value();
        EXPECT_EQ(start_all(plan), std::vector{map(0)});
    }
    EXPECT_TRUE(finishes(plan, map(0)));
}

TEST_F(planning, what_no_server_takes_has_not_failed_however_often) {
    run_plan plan({.failures_max = 1}, stages(1));
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(start_all(plan), std::vector{map(0)});
        fail(plan, map(0), lost(errc::connection_failed));
        now = plan.next_deadline(now).value();
    }
}

TEST_F(planning, the_fourth_failure_of_a_unit_fails_the_run) {
    run_plan plan({.window = 8, .failures_max = 4}, stages(8));
    EXPECT_EQ(start_all(plan).size(), 8U);
    for (std::uint32_t number = 1; number <= 4; ++number) {
        ASSERT_EQ(plan.now(), state::running);
        fail(plan, map(5, number));
        start_all(plan);
    }
    EXPECT_EQ(plan.now(), state::failed);
    EXPECT_EQ(plan.why().message, "it broke (the last of 4 attempts that failed)");
    EXPECT_TRUE(start_all(plan).empty());
    EXPECT_EQ(plan.next_deadline(now), std::nullopt);
    // The others still end; nothing comes of it.
    (void)finishes(plan, map(0));
    fail(plan, map(1));
    EXPECT_EQ(plan.now(), state::failed);
}

TEST_F(planning, failures_of_different_units_are_not_added_up) {
    run_plan plan({.window = 6}, stages(6));
    start_all(plan);
    for (std::uint32_t index = 0; index < 6; ++index) fail(plan, map(index));
    EXPECT_EQ(plan.now(), state::running);
    finish_everything(plan);
    EXPECT_EQ(plan.now(), state::done);
}

TEST_F(planning, what_is_made_again_holds_up_the_stages_after_it) {
    run_plan plan({.window = 6}, stages(2));
    for (const unit_attempt& one : start_all(plan)) EXPECT_TRUE(finishes(plan, one));
    EXPECT_EQ(start_all(plan), std::vector{reduce(0)});
    plan.make_again(run_stage::map, 1);
    plan.make_again(run_stage::map, 1);
    fail(plan, reduce(0), lost(errc::connection_lost));
    EXPECT_EQ(start_all(plan), std::vector{map(1, 2)});
    EXPECT_EQ(plan.counts().segments_lost, 1U);
    EXPECT_TRUE(finishes(plan, map(1, 2)));
}

TEST_F(planning, what_no_other_attempt_would_do_better_fails_the_run_at_once) {
    failure refusal = lost(errc::remote_exception);
    refusal.typed_index = 0;
    for (const failure& why : {refusal, lost(errc::schema_mismatch), lost(errc::malformed)}) {
        run_plan plan({.bad_records = true}, stages(1));
        start_all(plan);
        fail(plan, map(0), why);
        EXPECT_EQ(plan.now(), state::failed) << to_string(why.code);
        EXPECT_EQ(plan.why().message, "it broke");
    }
}

TEST_F(planning, an_exception_of_the_handler_is_tried_again_elsewhere) {
    run_plan plan({}, stages(1));
    start_all(plan);
    fail(plan, map(0), lost(errc::remote_exception));
    EXPECT_EQ(plan.now(), state::running);
}

// ---- Hosts without space.

struct units_that_hosts_refuse : planning {
    static failure refused() {
        failure why = lost(errc::remote_exception);
        why.typed_index = host_refused_index;
        return why;
    }
    // Has all attempts refused as soon as they start, until the run fails or `until`.
    void refuse_all(run_plan& plan, run_plan::time_point until) {
        while (plan.now() == state::running) {
            for (const unit_attempt& one : start_all(plan)) fail(plan, one, refused());
            const auto next = plan.next_deadline(now);
            if (plan.now() == state::running && (!next || *next >= until)) return;
            now = next.value_or(now);
        }
    }
};

TEST_F(units_that_hosts_refuse, are_tried_again_for_as_long_as_the_run_waits_for_space) {
    run_plan plan({.window = 4, .failures_max = 1, .wait_for_space = 10s}, stages(3));
    const auto began = now;
    refuse_all(plan, now + 1h);
    EXPECT_EQ(plan.now(), state::failed);
    EXPECT_GE(now, began + 10s);
    EXPECT_LT(now, began + 13s);
    EXPECT_EQ(plan.why().message, "it broke Nobody did better for 10000 ms (wait_for_space).");
    EXPECT_LT(plan.counts().refusals, 60U) << "the pauses do not grow";
}

TEST_F(units_that_hosts_refuse, wait_anew_whenever_one_was_done) {
    run_plan plan({.window = 1, .wait_for_space = 10s}, stages(8));
    for (int round = 0; round < 8; ++round) {
        refuse_all(plan, now + 9s);
        ASSERT_EQ(plan.now(), state::running);
        now = plan.next_deadline(now).value();
        const auto started = start_all(plan);
        ASSERT_EQ(started.size(), 1U);
        EXPECT_TRUE(finishes(plan, started.front()));
    }
    EXPECT_EQ(plan.done_in(run_stage::map), 8U);
}

TEST_F(units_that_hosts_refuse, do_not_end_a_run_in_which_an_attempt_goes_on_that_took_long) {
    run_plan plan({.window = 2, .wait_for_space = 10s}, stages(2));
    start_all(plan);
    plan.progress(map(0), 0.1, now);
    fail(plan, map(1), refused());
    refuse_all(plan, now + 60s);
    EXPECT_EQ(plan.now(), state::running);
    EXPECT_TRUE(finishes(plan, map(0)));
    refuse_all(plan, now + 60s);
    EXPECT_EQ(plan.now(), state::failed);
}

TEST_F(units_that_hosts_refuse, are_tried_at_several_places_at_once_where_hosts_have_disks_of_their_own) {
    run_plan plan({.slots = 5, .window = 1, .wait_for_space = 10s}, stages(1));
    plan.note_several_hosts();
    EXPECT_EQ(start_all(plan), std::vector{map(0)});
    fail(plan, map(0), refused());
    now = plan.next_deadline(now).value();
    EXPECT_EQ(start_all(plan), (std::vector{map(0, 2), map(0, 3)}));
    fail(plan, map(0, 2), refused());
    EXPECT_EQ(start_all(plan), (std::vector{map(0, 4), map(0, 5), map(0, 6)}));
    fail(plan, map(0, 3), refused());
    EXPECT_EQ(start_all(plan), (std::vector{map(0, 7), map(0, 8)})) << "as many as there are slots, and no more";
    EXPECT_TRUE(finishes(plan, map(0, 4)));
    EXPECT_EQ(end_all(plan), (std::vector{map(0, 5), map(0, 6), map(0, 7), map(0, 8)}));
}

// ---- Segments.

TEST_F(planning, a_lost_segment_is_mapped_again_and_the_reducers_come_back_afterwards) {
    run_plan plan({.window = 4}, stages(2, 2));
    start_all(plan);
    EXPECT_TRUE(finishes(plan, map(0)));
    EXPECT_TRUE(finishes(plan, map(1)));
    EXPECT_EQ(start_all(plan), (std::vector{reduce(0), reduce(1)}));
    plan.lose_segment(reduce(0), map(1), true, lost(errc::remote_exception));
    EXPECT_EQ(start_all(plan), std::vector{map(1, 2)}) << "the reducer waits for the map";
    plan.lose_segment(reduce(1), map(1), false, lost(errc::remote_exception));
    EXPECT_TRUE(start_all(plan).empty()) << "the second report of the same loss is no news";
    EXPECT_TRUE(finishes(plan, map(1, 2)));
    EXPECT_EQ(start_all(plan), (std::vector{reduce(1, 2), reduce(0, 2)}));
    EXPECT_TRUE(finishes(plan, reduce(0, 2)));
    EXPECT_TRUE(finishes(plan, reduce(1, 2)));
    EXPECT_EQ(plan.now(), state::done);
    EXPECT_EQ(plan.counts().segments_lost, 1U);
}

TEST_F(planning, all_segments_of_a_host_are_mapped_again_at_the_same_time) {
    run_plan plan({.window = 4}, stages(3, 2));
    for (const unit_attempt& one : start_all(plan)) EXPECT_TRUE(finishes(plan, one));
    EXPECT_EQ(start_all(plan), (std::vector{reduce(0), reduce(1)}));
    plan.lose_segment(reduce(1), map(0), true, lost(errc::remote_exception));
    plan.make_again(run_stage::map, 2);
    EXPECT_EQ(start_all(plan), (std::vector{map(2, 2), map(0, 2)}));
    EXPECT_EQ(plan.counts().segments_lost, 2U);
    EXPECT_TRUE(finishes(plan, map(0, 2)));
    EXPECT_TRUE(start_all(plan).empty()) << "reducers wait for all of them";
    EXPECT_TRUE(finishes(plan, map(2, 2)));
    EXPECT_EQ(start_all(plan), std::vector{reduce(1, 2)});
}

TEST_F(planning, a_segment_that_is_lost_again_and_again_fails_the_run) {
    run_plan plan({.failures_max = 4}, stages(1));
    for (std::uint32_t number = 1; plan.now() == state::running; ++number) {
        ASSERT_LE(number, 4U);
        EXPECT_EQ(start_all(plan), std::vector{map(0, number)});
        EXPECT_TRUE(finishes(plan, map(0, number)));
        EXPECT_EQ(start_all(plan), std::vector{reduce(0, number)});
        plan.lose_segment(reduce(0, number), map(0), true, lost(errc::remote_exception));
    }
    EXPECT_THAT(plan.why().message, HasSubstr("(the last of 4 attempts that failed)"));
}

// ---- Stragglers.

struct straggling : planning {
    // A plan in which all units but the last are done, which took a second each, and that one began with the others.
    run_plan with_a_straggler(std::size_t slots = 4) {
        run_plan plan({.slots = slots, .window = 2 * slots}, stages(4));
        for (const unit_attempt& one : start_all(plan)) plan.progress(one, 0, now);
        now += 1s;
        for (std::uint32_t index = 0; index < 3; ++index) EXPECT_TRUE(finishes(plan, map(index)));
        return plan;
    }
    // Looks again when the plan says so, until it starts something.
    std::vector<unit_attempt> next_started(run_plan& plan, run_plan::time_point until) {
        for (;;) {
            auto started = start_all(plan);
            const auto next = plan.next_deadline(now);
            if (!started.empty() || !next || *next > until) return started;
            now = *next;
        }
    }
};

TEST_F(straggling, a_silent_attempt_gets_one_backup_soon_after_its_time_and_the_first_to_finish_counts) {
    run_plan plan = with_a_straggler();
    const auto began = now - 1s;
    EXPECT_EQ(next_started(plan, began + 10s), std::vector{map(3, 2)});
    EXPECT_LE(now, began + 1500ms);
    EXPECT_GE(now, began + 1100ms) << "that is noise";
    plan.progress(map(3, 2), 0, now);
    EXPECT_TRUE(next_started(plan, now + 1h).empty()) << "a second backup";
    EXPECT_TRUE(finishes(plan, map(3, 2)));
    EXPECT_EQ(start_all(plan), std::vector{reduce(0)});
    EXPECT_EQ(end_all(plan), std::vector{map(3)}) << "its stage is over";
    EXPECT_TRUE(end_all(plan).empty()) << "named twice";
    EXPECT_EQ(plan.finish(map(3), 0, now), finish_verdict::late) << "the straggler came second";
    EXPECT_EQ(plan.done_in(run_stage::map), 4U);
    EXPECT_EQ(plan.counts().backups, 1U);
}

TEST_F(straggling, an_attempt_that_is_nearly_through_gets_none) {
    run_plan plan = with_a_straggler();
    for (double share = 0.55; share < 1; share += 0.05) {
        now += 100ms;
        plan.progress(map(3), share, now);
        EXPECT_TRUE(start_all(plan).empty()) << share;
    }
}

TEST_F(straggling, a_crawling_attempt_gets_a_backup_although_other_units_wait) {
    run_plan plan({.slots = 2, .window = 4}, stages(100));
    start_all(plan);
    plan.progress(map(0), 0, now);
    for (std::uint32_t index = 1; plan.counts().backups == 0; ++index) {
        ASSERT_LT(index, 6U);
        plan.progress(map(index), 0, now);
        now += 1s;
        plan.progress(map(0), 0.05 * index, now);
        EXPECT_TRUE(finishes(plan, map(index)));
        start_all(plan);
    }
    EXPECT_EQ(plan.done_in(run_stage::map), 3U) << "three units tell how long one takes";
    EXPECT_TRUE(finishes(plan, map(0, 2)));
    EXPECT_TRUE(end_all(plan).empty()) << "the slow worker would take another unit";
}

TEST_F(straggling, a_loser_that_goes_on_at_the_usual_pace_is_ended_at_once) {
    run_plan plan({.slots = 4, .window = 8}, stages(6));
    for (const unit_attempt& one : start_all(plan)) plan.progress(one, 0, now);
    now += 1s;
    for (std::uint32_t index = 0; index < 4; ++index) EXPECT_TRUE(finishes(plan, map(index)));
    EXPECT_EQ(next_started(plan, now + 1s), (std::vector{map(4, 2), map(5, 2)}));
    plan.progress(map(4), 0.9, now);
    EXPECT_TRUE(finishes(plan, map(4, 2)));
    EXPECT_EQ(end_all(plan), std::vector{map(4)});
}

TEST_F(straggling, units_that_cost_more_are_given_more_time) {
    run_plan plan({.slots = 4, .window = 8}, {{run_stage::map, {1, 1, 1, 10}}, {run_stage::reduce, {1}}});
    for (const unit_attempt& one : start_all(plan)) plan.progress(one, 0, now);
    const auto began = now;
    now += 1s;
    for (std::uint32_t index = 0; index < 3; ++index) EXPECT_TRUE(finishes(plan, map(index)));
    EXPECT_EQ(next_started(plan, began + 1h), std::vector{map(3, 2)});
    EXPECT_GE(now, began + 10s);
}

TEST_F(straggling, when_a_straggler_fails_its_backup_goes_on_alone) {
    run_plan plan = with_a_straggler();
    EXPECT_EQ(next_started(plan, now + 10s), std::vector{map(3, 2)});
    fail(plan, map(3));
    EXPECT_TRUE(start_all(plan).empty());
    fail(plan, map(3, 2));
    EXPECT_EQ(start_all(plan), std::vector{map(3, 3)});
}

TEST_F(straggling, an_attempt_that_a_frozen_worker_never_began_gets_a_backup) {
    run_plan plan({.slots = 4, .window = 8}, stages(4));
    start_all(plan);
    for (std::uint32_t index = 0; index < 3; ++index) plan.progress(map(index), 0, now);
    now += 1s;
    for (std::uint32_t index = 0; index < 3; ++index) EXPECT_TRUE(finishes(plan, map(index)));
    EXPECT_EQ(next_started(plan, now + 10s), std::vector{map(3, 2)});
}

TEST_F(straggling, without_backups_there_are_none) {
    run_plan plan({.slots = 4, .window = 8, .backups = false}, stages(4));
    for (const unit_attempt& one : start_all(plan)) plan.progress(one, 0, now);
    now += 1s;
    for (std::uint32_t index = 0; index < 3; ++index) EXPECT_TRUE(finishes(plan, map(index)));
    EXPECT_EQ(plan.next_deadline(now), std::nullopt);
    now += 1h;
    EXPECT_TRUE(start_all(plan).empty());
}

TEST_F(straggling, an_attempt_that_hangs_is_ended_and_made_again) {
    run_plan plan({.stalled_after = 60s}, stages(1));
    start_all(plan);
    plan.progress(map(0), 0.5, now);
    now += 59s;
    plan.progress(map(0), 0.5, now);
    EXPECT_EQ(plan.next_deadline(now), now + 60s) << "a sign of life";
    now += 60s;
    const auto ending = plan.end_next(now);
    ASSERT_TRUE(ending && ending->stalled);
    EXPECT_EQ(ending->attempt, map(0));
    fail(plan, map(0), lost(errc::timeout));
    EXPECT_EQ(start_all(plan), std::vector{map(0, 2)});
}

// ---- Two attempts of everything.

TEST_F(planning, an_attempt_that_is_handed_back_is_made_again_soon_and_has_not_failed) {
    run_plan plan({.failures_max = 1, .verify = true}, stages(1));
    EXPECT_EQ(start_all(plan), std::vector{map(0)});
    EXPECT_EQ(plan.finish(map(0), 7, now), finish_verdict::half);
    EXPECT_EQ(start_all(plan), std::vector{map(0, 2)});
    plan.hand_back(map(0, 2), now);
    EXPECT_TRUE(start_all(plan).empty()) << "the same worker would take it again";
    EXPECT_EQ(plan.handed_back(map(0)), 1U);
    now = plan.next_deadline(now).value();
    EXPECT_EQ(start_all(plan), (std::vector{map(0, 3), map(0, 4)})) << "the second one reaches another worker";
    plan.hand_back(map(0, 3), now);
    EXPECT_EQ(plan.finish(map(0, 4), 7, now), finish_verdict::counts);
    EXPECT_EQ(plan.counts().attempts, 2U);
    EXPECT_EQ(plan.counts().retries, 0U);
}

TEST_F(planning, when_verifying_each_unit_is_made_twice) {
    run_plan plan({.window = 8, .verify = true}, stages(1));
    EXPECT_EQ(start_all(plan), std::vector{map(0)});
    EXPECT_EQ(plan.finish(map(0), 7, now), finish_verdict::half);
    EXPECT_EQ(start_all(plan), std::vector{map(0, 2)}) << "reducing waits";
    EXPECT_EQ(plan.finish(map(0, 2), 7, now), finish_verdict::counts);
    EXPECT_EQ(start_all(plan), std::vector{reduce(0)});
    EXPECT_EQ(plan.finish(reduce(0), 1, now), finish_verdict::half);
    EXPECT_EQ(start_all(plan), std::vector{reduce(0, 2)});
    EXPECT_EQ(plan.finish(reduce(0, 2), 2, now), finish_verdict::differs);
    EXPECT_EQ(plan.counts().verified, 1U);
}

// ---- Bad records.

struct units_with_bad_records : planning {
    run_plan plan{{.window = 8, .failures_max = 2, .bad_records = true}, stages(1)};

    failure thrown = lost(errc::remote_exception);
};

TEST_F(units_with_bad_records,
       a_unit_whose_mapper_throws_is_tried_with_care_and_that_counts_only_when_it_throws_again) {
    start_all(plan);
    fail(plan, map(0), thrown);
    EXPECT_EQ(start_all(plan), std::vector{map(0, 2, attempt_mode::careful)});
    fail(plan, map(0, 2, attempt_mode::careful), thrown);
    now = plan.next_deadline(now).value();
    EXPECT_EQ(start_all(plan), std::vector{map(0, 3, attempt_mode::careful)});
    fail(plan, map(0, 3, attempt_mode::careful), thrown);
    EXPECT_EQ(plan.now(), state::failed);
}

TEST_F(units_with_bad_records, a_unit_that_kills_two_workers_is_divided_and_one_record_that_kills_three_is_skipped) {
    start_all(plan);
    fail(plan, map(0));
    start_all(plan);
    EXPECT_TRUE(plan.fail(map(0, 2), lost(), now));
    EXPECT_EQ(plan.divide(run_stage::map, 0, {1, 1}), 1U);
    EXPECT_EQ(plan.units_in(run_stage::map), 2U);
    EXPECT_EQ(start_all(plan), (std::vector{map(1), map(2)}));
    EXPECT_TRUE(finishes(plan, map(1)));
    fail(plan, map(2));
    start_all(plan);
    EXPECT_TRUE(plan.fail(map(2, 2), lost(errc::timeout), now)) << "a worker that hangs is as good as dead";
    plan.cannot_divide(run_stage::map, 2);
    EXPECT_EQ(start_all(plan), std::vector{map(2, 3)});
    fail(plan, map(2, 3));
    EXPECT_EQ(start_all(plan), std::vector{map(2, 4, attempt_mode::skip)});
    EXPECT_TRUE(finishes(plan, map(2, 4, attempt_mode::skip)));
    EXPECT_EQ(start_all(plan), std::vector{reduce(0)});
}

TEST_F(units_with_bad_records, an_attempt_at_a_divided_unit_that_ends_later_is_late) {
    run_plan one({.window = 8, .bad_records = true, .verify = true}, stages(1));
    start_all(one);
    fail(one, map(0));
    EXPECT_EQ(start_all(one), std::vector{map(0, 2)});
    EXPECT_TRUE(one.fail(map(0, 2), lost(), now));
    one.divide(run_stage::map, 0, {1});
    EXPECT_EQ(start_all(one), std::vector{map(1)});
}

TEST_F(units_with_bad_records, whose_reducers_die_are_tried_with_care_but_not_for_ever) {
    run_plan deadly({.window = 8, .failures_max = 2, .bad_records = true}, stages(0));
    EXPECT_EQ(start_all(deadly), std::vector{reduce(0)});
    fail(deadly, reduce(0));
    for (std::uint32_t number = 2; deadly.now() == state::running; ++number) {
        ASSERT_LT(number, 50U);
        const unit_attempt next{run_stage::reduce, 0, number, attempt_mode::careful};
        EXPECT_EQ(start_all(deadly), std::vector{next});
        fail(deadly, next);
    }
    EXPECT_GT(deadly.counts().workers_lost, 10U);
}

TEST_F(units_with_bad_records, a_sample_that_kills_two_workers_is_done_without_and_one_that_throws_is_taken_with_care) {
    std::vector<stage_plan> all = stages(1);
    all.insert(all.begin(), {run_stage::sample, {1, 1}});
    run_plan sampling({.window = 8, .failures_max = 2, .bad_records = true}, all);
    const auto sample = [](std::uint32_t index, std::uint32_t number, attempt_mode mode = attempt_mode::normal) {
        return unit_attempt{run_stage::sample, index, number, mode};
    };
    EXPECT_EQ(start_all(sampling), (std::vector{sample(0, 1), sample(1, 1)}));
    fail(sampling, sample(0, 1));
    fail(sampling, sample(1, 1), thrown);
    EXPECT_EQ(start_all(sampling), (std::vector{sample(1, 2, attempt_mode::careful), sample(0, 2)}));
    EXPECT_TRUE(finishes(sampling, sample(1, 2, attempt_mode::careful)));
    fail(sampling, sample(0, 2));
    EXPECT_EQ(sampling.counts().done_without, 1U);
    EXPECT_EQ(start_all(sampling), std::vector{map(0)});
}

TEST_F(units_with_bad_records, when_none_may_be_left_out_deaths_fail_the_run) {
    run_plan strict({.window = 8, .failures_max = 2}, stages(1));
    start_all(strict);
    fail(strict, map(0));
    start_all(strict);
    fail(strict, map(0, 2));
    EXPECT_EQ(strict.now(), state::failed);
}

// Whatever fails, gets lost, is slow or is divided: a run that ends well has reduced each partition once, and used no output
// that was given up.
TEST_F(planning, any_order_of_events_ends_with_every_unit_done_once) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 generator(seed);
    const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
    for (int round = 0; round < 300; ++round) {
        const std::uint32_t splits = random() % 12;
        const std::uint32_t partitions = 1 + random() % 5;
        run_plan plan({.slots = 1 + random() % 4,
                       .window = 1 + random() % 6,
                       .failures_max = 1000,
                       .bad_records = random() % 2 == 0,
                       .stalled_after = 1h},
                      stages(splits, partitions));
        std::vector<unit_attempt> out;
        std::set<std::uint32_t> mapped;
        std::set<std::uint32_t> reduced;
        std::uint32_t map_units = splits;
        for (int step = 0; plan.now() == state::running; ++step) {
            ASSERT_LT(step, 100000);
            for (const unit_attempt& one : start_all(plan)) out.push_back(one);
            (void)end_all(plan);
            if (out.empty() || random() % 8 == 0) {
                ASSERT_TRUE(!out.empty() || plan.next_deadline(now));
                now = std::max(now, plan.next_deadline(now).value_or(now)) + 10s;
                continue;
            }
            const std::size_t which = random() % out.size();
            const unit_attempt one = out[which];
            const unsigned what = random() % 7;
            if (what == 6) {
                plan.progress(one, random() % 100 / 100.0, now);
                continue;
            }
            out.erase(out.begin() + static_cast<std::ptrdiff_t>(which));
            if (what == 0) {
                constexpr errc codes[] = {errc::worker_lost, errc::connection_lost, errc::remote_exception};
                if (plan.fail(one, lost(codes[random() % 3]), now)) {
                    const std::vector<std::uint64_t> parts(map_units < 40 ? 1 + random() % 3 : 0, 1);
                    if (parts.empty()) {
                        plan.cannot_divide(one.stage, one.index);
                    } else {
                        plan.divide(one.stage, one.index, parts);
                        map_units += static_cast<std::uint32_t>(parts.size());
                    }
                }
            } else if (what == 1 && one.stage == run_stage::reduce && splits > 0) {
                const std::uint32_t split = random() % map_units;
                plan.lose_segment(one, map(split), mapped.contains(split), lost());
                if (!reduced.contains(one.index)) mapped.erase(split);
            } else if (finishes(plan, one)) {
                EXPECT_TRUE((one.stage == run_stage::map ? mapped : reduced).insert(one.index).second);
            }
        }
        EXPECT_EQ(plan.now(), state::done);
        EXPECT_EQ(reduced.size(), partitions);
    }
}

}  // namespace
}  // namespace sheaf::detail
