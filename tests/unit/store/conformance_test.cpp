// What every engine does.
#include <gtest/gtest.h>

#include "store/memory_store.hpp"
#include "unit/store/store_fixture.hpp"

namespace sheaf::store::test {
namespace {

enum class engine { memory, sqlite, relaxed_sqlite };

class engines : public testing::TestWithParam<engine> {
  protected:
    std::unique_ptr<store> open() {
        if (GetParam() == engine::memory) return std::make_unique<memory_store>(told.collector(), limits);
        return std::make_unique<sqlite_store>(
            sqlite_options{.directory = place.path(), .relaxed = GetParam() == engine::relaxed_sqlite, .shelf = limits},
            told.collector());
    }
    [[nodiscard]] bool keeps() const { return GetParam() != engine::memory; }

    shelf_limits limits;
    sheaf::test::scratch_directory place;
    answers told;
};

TEST_P(engines, answer_for_each_job_once_it_is_committed) {
    const auto all = open();
    EXPECT_TRUE(all->recover().empty());
    persist(*all, row(1));
    persist(*all, row(2));
    all->commit();
    EXPECT_TRUE(told.of(1).value());
    EXPECT_TRUE(told.of(2).value());
}

TEST_P(engines, that_keep_jobs_give_back_what_has_not_ended_in_order_and_whole) {
    job_row odd = row(3, std::string("\0\1\2bin\0", 7));
    odd.function = "my-func.x/\xff";
    odd.unique = "-";
    odd.reducer = "sum";
    odd.priority = 2;
    odd.run_at = std::chrono::system_clock::time_point(std::chrono::seconds(5'000'000'000));  // after 2038
    {
        const auto all = open();
        (void)all->recover();
        for (const job_number id : {1, 2}) persist(*all, row(id, ""));
        persist(*all, odd);
        persist(*all, row(4));
        all->commit();
        all->forget(2);
        all->forget(4);
        all->commit();
    }
    const std::vector<job_row> back = open()->recover();
    ASSERT_EQ(back.size(), keeps() ? 2U : 0U);
    if (!keeps()) return;
    EXPECT_EQ(back[0].id, 1U);
    EXPECT_TRUE(back[0].payload.empty());
    EXPECT_EQ(back[1].id, odd.id);
    EXPECT_EQ(back[1].function, odd.function);
    EXPECT_EQ(back[1].unique, odd.unique);
    EXPECT_EQ(back[1].reducer, odd.reducer);
    EXPECT_EQ(back[1].priority, odd.priority);
    EXPECT_EQ(back[1].run_at, odd.run_at);
    EXPECT_EQ(back[1].payload.view(), odd.payload.view());
}

TEST_P(engines, keep_and_forget_in_the_order_in_which_they_were_told) {
    {
        const auto all = open();
        (void)all->recover();
        persist(*all, row(1));
        all->forget(1);
        persist(*all, row(2));
        all->commit();
    }
    EXPECT_EQ(open()->recover().size(), keeps() ? 1U : 0U);
}

TEST_P(engines, have_another_life_each_time_and_otherwise_stay_who_they_are) {
    const identity first = open()->who();
    const identity second = open()->who();
    EXPECT_EQ(first.life, 1U);
    EXPECT_EQ(second.life, keeps() ? 2U : 1U);
    EXPECT_EQ(first.token == second.token, keeps());
}

TEST_P(engines, take_more_than_one_batch_at_a_time) {
    constexpr job_number many = 5000;
    {
        const auto all = open();
        (void)all->recover();
        for (job_number id = 1; id <= many; ++id) persist(*all, row(id, std::string(1000, 'x')));
        all->commit();
        for (job_number id = 1; id <= many; ++id) ASSERT_TRUE(told.of(id).value());
    }
    EXPECT_EQ(open()->recover().size(), keeps() ? many : 0U);
}

// ---- Jobs that have ended.

constexpr wall_time noon{std::chrono::hours{1'000'000}};  // in the year 2084: nothing is over by the clock of today

result_row result(job_number id, std::string unique = {}, std::string data = "done") {
    const std::uint64_t bytes = data.size();
    return {.id = id,
            .function = "resize",
            .unique = std::move(unique),
            .ended = noon + std::chrono::seconds(id),
            .expires = noon + std::chrono::hours(1),
            .bytes = bytes,
            .data = shared_bytes(data)};
}

dead_letter letter(job_number id, std::string function = "resize", std::string unique = {}) {
    job_row job = row(id, std::string("pay\0load", 8));
    job.function = std::move(function);
    job.unique = std::move(unique);
    job.attempts = 3;
    job.terms = "attempts 3\n";
    return {.job = std::move(job),
            .reason = "it failed",
            .worker = "w1",
            .log = "no such file",
            .exception = shared_bytes(std::string("\0why", 4)),
            .died = noon + std::chrono::seconds(id)};
}

TEST_P(engines, find_the_result_of_a_job_by_its_number_and_the_last_one_by_its_key) {
    const auto all = open();
    (void)all->recover();
    for (const job_number id : {1, 2, 3}) persist(*all, row(id));
    all->complete(result(1, "key", "first"));
    all->complete(result(3, "key", "third"));
    all->complete(result(2, "key", "second"));
    const auto by_number = told.ask(*all, find_ended{.id = 2, .now = noon});
    ASSERT_TRUE(std::holds_alternative<result_row>(by_number));
    const auto& found = std::get<result_row>(by_number);
    EXPECT_EQ(found.function + ',' + found.unique + ',' + std::string(found.data.view()), "resize,key,second");
    EXPECT_EQ(found.expires, noon + std::chrono::hours(1));
    const auto by_key = told.ask(*all, find_ended{.unique = "key", .now = noon});
    EXPECT_EQ(std::get<result_row>(by_key).id, 3U);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(told.ask(*all, find_ended{.id = 4, .now = noon})));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(told.ask(*all, find_ended{.unique = "ke", .now = noon})));
}

TEST_P(engines, forget_a_result_when_its_time_is_over) {
    const auto all = open();
    (void)all->recover();
    all->complete(result(1));
    const auto later = noon + std::chrono::hours(1);
    EXPECT_TRUE(std::holds_alternative<result_row>(
        told.ask(*all, find_ended{.id = 1, .now = later - std::chrono::seconds(1)})));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(told.ask(*all, find_ended{.id = 1, .now = later})));
}

TEST_P(engines, keep_as_many_results_and_letters_as_there_is_room_for) {
    limits = {.results_bytes_max = 3000, .letters_max = 2};
    const auto all = open();
    (void)all->recover();
    for (job_number id = 1; id <= 4; ++id) all->complete(result(id, {}, std::string(1000, 'x')));
    for (job_number id = 5; id <= 8; ++id) all->bury(letter(id));
    all->complete(result(9, {}, "x"));
    const auto counts = std::get<totals>(told.ask(*all, count_rows{}));
    EXPECT_EQ(counts.results, 3U);
    EXPECT_EQ(counts.letters, 2U);
    const auto list = std::get<letter_list>(told.ask(*all, list_letters{}));
    ASSERT_EQ(list.letters.size(), 2U);
    EXPECT_EQ(list.letters[0].job.id, 8U);
    EXPECT_EQ(list.letters[1].job.id, 7U);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(told.ask(*all, find_ended{.id = 1, .now = noon})));
}

TEST_P(engines, drop_the_letters_of_those_that_died_first) {
    limits = {.letters_max = 2};
    const auto all = open();
    (void)all->recover();
    for (const job_number id : {5, 6}) all->bury(letter(id));
    dead_letter last = letter(1);  // a job that waited for long
    last.died = noon + std::chrono::hours(1);
    all->bury(last);
    const auto list = std::get<letter_list>(told.ask(*all, list_letters{}));
    ASSERT_EQ(list.letters.size(), 2U);
    EXPECT_EQ(list.letters[0].job.id, 1U);
    EXPECT_EQ(list.letters[1].job.id, 6U);
}

TEST_P(engines, have_letters_whole_and_list_them_by_function) {
    const auto all = open();
    (void)all->recover();
    persist(*all, row(1));
    all->bury(letter(1));
    all->bury(letter(2, "other", "key"));
    const auto shown = std::get<dead_letter>(told.ask(*all, find_ended{.id = 1, .now = noon}));
    EXPECT_EQ(shown.job.payload.view(), std::string_view("pay\0load", 8));
    EXPECT_EQ(shown.job.attempts, 3U);
    EXPECT_EQ(shown.job.terms, "attempts 3\n");
    EXPECT_EQ(shown.exception.view(), std::string_view("\0why", 4));
    EXPECT_EQ(shown.reason + ',' + shown.worker + ',' + shown.log, "it failed,w1,no such file");
    EXPECT_EQ(std::get<letter_list>(told.ask(*all, list_letters{})).total, 2U);
    EXPECT_EQ(std::get<letter_list>(told.ask(*all, list_letters{.most = 1})).letters.size(), 1U);
    const auto others = std::get<letter_list>(told.ask(*all, list_letters{.function = "other"}));
    ASSERT_EQ(others.letters.size(), 1U);
    EXPECT_EQ(others.letters[0].job.id, 2U);
    EXPECT_EQ(std::get<dead_letter>(told.ask(*all, find_ended{.unique = "key", .now = noon})).job.id, 2U);
}

TEST_P(engines, make_jobs_of_letters_again_and_purge_them) {
    {
        const auto all = open();
        (void)all->recover();
        for (const job_number id : {1, 2, 3}) all->bury(letter(id, id == 3 ? "other" : "resize"));
        const auto one = std::get<found_letters>(told.ask(*all, find_letters{.which = {.id = 1}}));
        ASSERT_EQ(one.jobs.size(), 1U);
        EXPECT_EQ(one.jobs[0].attempts, 0U);
        EXPECT_EQ(one.jobs[0].payload.view(), std::string_view("pay\0load", 8));
        EXPECT_EQ(std::get<revived>(told.ask(*all, revive{{1}})).ids, std::vector<job_number>{1});
        EXPECT_TRUE(std::get<revived>(told.ask(*all, revive{{1}})).ids.empty()) << "it is no letter any more";
        EXPECT_EQ(std::get<purged>(told.ask(*all, purge{{.function = "other"}})).letters, 1U);
        EXPECT_EQ(std::get<totals>(told.ask(*all, count_rows{})).letters, 1U);
    }
    if (!keeps()) return;
    const auto again = open();
    const auto back = again->recover();
    ASSERT_EQ(back.size(), 1U);
    EXPECT_EQ(back[0].id, 1U);
    EXPECT_EQ(std::get<letter_list>(told.ask(*again, list_letters{})).total, 1U);
}

TEST_P(engines, find_letters_in_portions) {
    const auto all = open();
    (void)all->recover();
    for (const job_number id : {1, 2, 3, 4, 5}) all->bury(letter(id, id == 2 ? "other" : "resize"));
    std::vector<job_number> seen;
    const auto find = [&](job_number after) {
        auto found = std::get<found_letters>(
            told.ask(*all, find_letters{.which = {.function = "resize"}, .after = after, .most = 2}));
        for (const job_row& one : found.jobs) seen.push_back(one.id);
        return found;
    };
    EXPECT_FALSE(find(0).is_all);
    EXPECT_EQ(find(3).newest, 5U);
    EXPECT_EQ(seen, (std::vector<job_number>{1, 3, 4, 5}));
    EXPECT_TRUE(find(5).is_all);
    EXPECT_EQ(std::get<letter_list>(told.ask(*all, list_letters{})).total, 5U) << "they were only looked at";
}

TEST_P(engines, that_keep_jobs_have_results_counts_and_terms_after_a_restart) {
    if (!keeps()) return;
    {
        const auto all = open();
        (void)all->recover();
        job_row patient = row(1);
        patient.terms = "attempts 5\n";
        persist(*all, patient);
        persist(*all, row(2));
        all->reschedule({.id = 1, .attempts = 2, .losses = 7, .run_at = noon});
        all->complete(result(2, "key"));
        all->commit();
    }
    const auto all = open();
    const auto back = all->recover();
    ASSERT_EQ(back.size(), 1U);
    EXPECT_EQ(back[0].attempts, 2U);
    EXPECT_EQ(back[0].losses, 7U);
    EXPECT_EQ(back[0].run_at, noon);
    EXPECT_EQ(back[0].terms, "attempts 5\n");
    EXPECT_EQ(std::get<result_row>(told.ask(*all, find_ended{.unique = "key", .now = noon})).id, 2U);
}

TEST_P(engines, say_that_ends_are_written_and_of_which_jobs_nothing_is_left_to_run) {
    {
        const auto all = open();
        (void)all->recover();
        persist(*all, row(1));
        persist(*all, row(2));
        all->complete(result(1));
        EXPECT_TRUE(std::holds_alternative<std::monostate>(told.ask(*all, ends_written{})));
        all->forget(2);
        EXPECT_TRUE(std::holds_alternative<std::monostate>(told.ask(*all, ends_written{})));
        EXPECT_TRUE(std::holds_alternative<std::monostate>(told.ask(*all, ends_written{}))) << "with nothing before it";
    }
    EXPECT_TRUE(open()->recover().empty());
}

std::string name_of(const testing::TestParamInfo<engine>& of) {
    constexpr const char* names[] = {"memory", "sqlite", "relaxed_sqlite"};
    return names[static_cast<int>(of.param)];
}

INSTANTIATE_TEST_SUITE_P(all, engines, testing::Values(engine::memory, engine::sqlite, engine::relaxed_sqlite),
                         name_of);

}  // namespace
}  // namespace sheaf::store::test
