// A request to try dead letters again: portion by portion, each taken by the broker first and then made jobs by the store.
#include "server/letter_retry.hpp"

#include <gtest/gtest.h>

namespace sheaf::server {
namespace {

using store::find_letters;
using store::job_number;

store::found_letters found(const std::vector<job_number>& ids, bool is_all, job_number newest) {
    store::found_letters made{.is_all = is_all, .newest = newest};
    for (const job_number id : ids) made.jobs.push_back({.id = id});
    return made;
}

// Which of the outcomes are good.
std::vector<job_number> kept(const std::vector<store::outcome>& all) {
    std::vector<job_number> ids;
    for (const store::outcome& one : all) {
        if (one.result) ids.push_back(one.id);
    }
    return ids;
}

TEST(letter_retry, goes_from_portion_to_portion_and_counts_what_was_taken_and_what_was_not) {
    letter_retry all({.function = "f"});
    EXPECT_EQ(std::get<find_letters>(all.next()).after, 0U);
    EXPECT_EQ(all.found(found({1, 2, 3}, false, 9)).size(), 3U);
    all.take({1, 3});
    EXPECT_EQ(std::get<store::revive>(all.next()).ids, (std::vector<job_number>{1, 3}));
    EXPECT_EQ(kept(all.outcomes(store::revived{{1, 3}})), (std::vector<job_number>{1, 3}));
    ASSERT_FALSE(all.is_done());
    EXPECT_EQ(std::get<find_letters>(all.next()).after, 3U);
    EXPECT_EQ(all.found(found({5}, true, 9)).size(), 1U);
    all.take({5});
    ASSERT_FALSE(all.is_done());
    (void)all.outcomes(store::revived{{5}});
    EXPECT_TRUE(all.is_done());
    EXPECT_EQ(all.count().jobs, 3U);
    EXPECT_EQ(all.count().refused, 1U);
}

TEST(letter_retry, leaves_out_what_died_after_it_was_asked_for) {
    letter_retry all({});
    (void)all.found(found({1}, false, 4));
    all.take({1});
    (void)all.outcomes(store::revived{{1}});
    EXPECT_TRUE(all.found(found({5, 6}, false, 6)).empty());
    EXPECT_TRUE(all.is_done());
}

TEST(letter_retry, says_that_a_letter_that_is_gone_or_could_not_be_written_is_no_job) {
    letter_retry all({});
    (void)all.found(found({1, 2}, true, 2));
    all.take({1, 2});
    const auto outcomes = all.outcomes(store::revived{{2}});
    EXPECT_EQ(outcomes.size(), 2U);
    EXPECT_EQ(kept(outcomes), std::vector<job_number>{2});
    EXPECT_EQ(all.count().jobs, 1U);

    letter_retry full({});
    (void)full.found(found({1}, true, 1));
    full.take({1});
    const auto refused = full.outcomes(error{errc::io_error, "no space"});
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused[0].result.error().message, "no space");
}

}  // namespace
}  // namespace sheaf::server
