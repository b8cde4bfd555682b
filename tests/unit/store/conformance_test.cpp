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
        if (GetParam() == engine::memory) return std::make_unique<memory_store>(told.collector());
        return std::make_unique<sqlite_store>(
            sqlite_options{.directory = place.path(), .relaxed = GetParam() == engine::relaxed_sqlite},
            told.collector());
    }
    [[nodiscard]] bool keeps() const { return GetParam() != engine::memory; }

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

std::string name_of(const testing::TestParamInfo<engine>& of) {
    constexpr const char* names[] = {"memory", "sqlite", "relaxed_sqlite"};
    return names[static_cast<int>(of.param)];
}

INSTANTIATE_TEST_SUITE_P(all, engines, testing::Values(engine::memory, engine::sqlite, engine::relaxed_sqlite),
                         name_of);

}  // namespace
}  // namespace sheaf::store::test
