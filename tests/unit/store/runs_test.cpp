// What every engine keeps of runs: steps that are made as a whole, parts that are gathered, outcomes that are taken once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory_store.hpp"
#include "store/sqlite_store.hpp"
#include "unit/store/store_fixture.hpp"

namespace sheaf::store::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr job_number run = 1;

class run_engines : public testing::TestWithParam<bool> {
  protected:
    std::unique_ptr<store> open(int pages_max = 0, bool relaxed = false) {
        if (!GetParam()) return std::make_unique<memory_store>(hears());
        return std::make_unique<sqlite_store>(
            sqlite_options{.directory = place.path(), .relaxed = relaxed, .pages_max = pages_max}, hears());
    }
    /// What was said of `id`.
    [[nodiscard]] outcome of(job_number id) {
        std::unique_lock held(mutex);
        const bool came = arrived.wait_for(held, std::chrono::seconds(60), [&] { return outcomes.contains(id); });
        return came ? outcomes.at(id) : outcome{.id = id, .result = error{errc::timeout, "nothing was said"}};
    }
    [[nodiscard]] reply ask(store& in, const take_outcome& what) { return told.ask(in, what); }
    static run_change begin() {
        return {.run = run,
                .begins = run_row{.id = run, .name = "r", .function = "plan", .keep = std::chrono::seconds(60)},
                .jobs = {row(2)}};
    }
    static void make(store& in, run_change change) {
        in.change_run(std::move(change));
        in.commit();
    }

    sheaf::test::scratch_directory place;
    answers told;
    std::mutex mutex;
    std::condition_variable arrived;
    std::map<job_number, outcome> outcomes;

  private:
    listener hears() {
        listener both = told.collector();
        both.outcomes = [this](std::span<const outcome> all) {
            const std::lock_guard held(mutex);
            for (const outcome& one : all) outcomes.insert_or_assign(one.id, one);
            arrived.notify_all();
        };
        return both;
    }
};

TEST_P(run_engines, make_a_visit_of_the_parts_in_the_order_of_their_slots) {
    const auto all = open();
    (void)all->recover_runs();
    (void)all->recover();
    make(*all, begin());
    EXPECT_TRUE(of(2).result);
    make(*all, {.run = run,
                .ended = {2},
                .frames = {{.id = 3, .run = run, .parts = 3}},
                .parts = {{3, 2, shared_bytes("two")}},
                .jobs = {row(4), row(5)}});
    make(*all, {.run = run, .ended = {4}, .parts = {{3, 0, shared_bytes("zero")}, {3, 2, shared_bytes("again")}}});
    make(*all, {.run = run, .ended = {5}, .parts = {{3, 1, {}}}, .gathered = {{row(6, "head:"), 3}}});
    const outcome gathered = of(6);
    ASSERT_TRUE(gathered.payload);
    EXPECT_EQ(gathered.payload->view(), "head:zerotwo");
}

TEST_P(run_engines, give_the_outcome_to_the_first_who_takes_it_and_to_nobody_else) {
    const auto all = open();
    (void)all->recover_runs();
    (void)all->recover();
    make(*all, begin());
    EXPECT_TRUE(std::holds_alternative<std::monostate>(ask(*all, {run, "me"}))) << "it has not ended";
    make(*all, {.run = run, .ended = {2}, .end = run_end_row{.end = 1, .outcome = shared_bytes("42")}});
    EXPECT_TRUE(of(run).result);
    for (int i = 0; i < 2; ++i) {
        const auto mine = std::get<run_outcome>(ask(*all, {run, "me"}));
        EXPECT_EQ(mine.outcome.view(), "42");
        EXPECT_EQ(mine.end, 1U);
    }
    const auto yours = std::get<run_outcome>(ask(*all, {run, "you"}));
    EXPECT_EQ(yours.taker, "me");
    EXPECT_TRUE(yours.outcome.empty());
    make(*all, {.run = run, .forgets = true});
    EXPECT_TRUE(std::holds_alternative<std::monostate>(ask(*all, {run, "me"})));
}

INSTANTIATE_TEST_SUITE_P(all, run_engines, testing::Bool(),
                         [](const auto& one) { return one.param ? "sqlite" : "memory"; });

using runs_on_disk = run_engines;

TEST_P(runs_on_disk, come_back_as_they_were_after_the_last_step) {
    {
        const auto all = open();
        (void)all->recover_runs();
        (void)all->recover();
        make(*all, begin());
        make(*all, {.run = run,
                    .ended = {2},
                    .frames = {{.id = 3, .run = run, .gate = 7, .rule = 1, .parts = 2, .whole = 9, .whole_slot = 4}},
                    .parts = {{3, 1, shared_bytes("one")}},
                    .jobs = {row(4)},
                    .done = {5, 5}});
    }
    const auto all = open();
    const kept_runs kept = all->recover_runs();
    ASSERT_THAT(kept.runs, SizeIs(1));
    EXPECT_EQ(kept.runs[0].name, "r");
    EXPECT_EQ(kept.runs[0].function, "plan");
    EXPECT_EQ(kept.runs[0].keep, std::chrono::seconds(60));
    ASSERT_THAT(kept.frames, SizeIs(1));
    EXPECT_EQ(kept.frames[0].whole_slot, 4U);
    ASSERT_THAT(kept.parts, SizeIs(1));
    EXPECT_EQ(kept.parts[0].slot, 1U);
    EXPECT_EQ(kept.parts[0].bytes, 3U);
    ASSERT_THAT(kept.tallies, SizeIs(1));
    EXPECT_EQ(kept.tallies[0].done, 2U);
    const auto jobs = all->recover();
    ASSERT_THAT(jobs, SizeIs(1));
    EXPECT_EQ(jobs[0].id, 4U);
    // What was gathered before the restart is whole.
    make(*all, {.run = run, .ended = {4}, .parts = {{3, 0, shared_bytes("zero ")}}, .gathered = {{row(6, ""), 3}}});
    EXPECT_EQ(of(6).payload.value_or(shared_bytes()).view(), "zero one");
}

TEST_P(runs_on_disk, that_are_full_refuse_new_runs_and_make_steps_when_there_is_room) {
    const auto all = open(41);
    (void)all->recover_runs();
    (void)all->recover();
    make(*all, begin());
    EXPECT_TRUE(of(2).result);
    persist(*all, row(10, std::string(60'000, 'x')));
    all->commit();
    EXPECT_TRUE(of(10).result);
    make(*all, {.run = run, .ended = {2}, .jobs = {row(4, std::string(60'000, 'y'))}});
    run_change another{.run = 20,
                       .begins = run_row{.id = 20, .name = "s", .function = "plan"},
                       .jobs = {row(21, std::string(60'000, 'z'))}};
    make(*all, std::move(another));
    EXPECT_THAT(of(20).result.error().message, HasSubstr("store_full")) << "who began it waits for a word on the run";
    EXPECT_THAT(of(21).result.error().message, HasSubstr("store_full"));
    all->forget(10);
    all->commit();
    EXPECT_TRUE(of(4).result) << of(4).result.error().message;
}

TEST_P(runs_on_disk, that_are_full_keep_nothing_of_a_run_that_was_refused) {
    {
        const auto all = open(40, true);
        (void)all->recover_runs();
        (void)all->recover();
        persist(*all, row(10, std::string(60'000, 'x')));
        all->commit();
        run_change change = begin();
        change.jobs[0].payload = shared_bytes(std::string(90'000, 'z'));
        make(*all, std::move(change));
        EXPECT_FALSE(of(run).result);
        all->forget(10);
        all->commit();
    }
    const auto all = open();
    EXPECT_THAT(all->recover_runs().runs, SizeIs(0));
    EXPECT_THAT(all->recover(), SizeIs(0));
}

TEST_P(runs_on_disk, that_were_taken_stay_so_after_a_restart) {
    {
        const auto all = open();
        (void)all->recover_runs();
        (void)all->recover();
        make(*all, begin());
        make(*all,
             {.run = run, .ended = {2}, .end = run_end_row{.end = 1, .outcome = shared_bytes("42"), .why = "because"}});
        EXPECT_EQ(std::get<run_outcome>(ask(*all, {run, "me"})).taker, "me");
    }
    const auto all = open();
    const kept_runs kept = all->recover_runs();
    EXPECT_EQ(kept.runs.at(0).taker, "me");
    EXPECT_EQ(kept.runs.at(0).why, "because");
    (void)all->recover();
    EXPECT_EQ(std::get<run_outcome>(ask(*all, {run, "you"})).taker, "me");
    EXPECT_EQ(std::get<run_outcome>(ask(*all, {run, "me"})).outcome.view(), "42");
}

INSTANTIATE_TEST_SUITE_P(sqlite, runs_on_disk, testing::Values(true));

}  // namespace
}  // namespace sheaf::store::test
