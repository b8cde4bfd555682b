// The frequent keys of a whole run.
#include "map_reduce/frequent_keys.hpp"

#include <gmock/gmock.h>

namespace sheaf::detail {
namespace {

map_output sample(std::uint64_t looked_at, std::vector<std::pair<std::string, std::uint64_t>> keys) {
    map_output one;
    one.keys_looked_at = looked_at;
    one.frequent_keys = std::move(keys);
    return one;
}

TEST(frequent_key_tally, adds_up_the_samples_of_all_splits) {
    frequent_key_tally all;
    all.add(sample(100, {{"a", 20}, {"b", 60}}));
    all.add(sample(300, {{"b", 140}, {"c", 35}}));
    const auto keys = all.keys(false);
    ASSERT_EQ(keys.size(), 1U) << "of the others there is less than a tenth";
    EXPECT_EQ(keys[0].key, "b");
    EXPECT_DOUBLE_EQ(keys[0].share, 0.5);
    EXPECT_FALSE(keys[0].folded);
}

TEST(frequent_key_tally, begins_with_the_most_frequent) {
    frequent_key_tally all;
    all.add(sample(100, {{"a", 20}, {"b", 60}}));
    const auto keys = all.keys(true);
    ASSERT_EQ(keys.size(), 2U);
    EXPECT_EQ(keys[0].key, "b");
    EXPECT_TRUE(keys[0].folded);
}

TEST(frequent_key_tally, says_nothing_of_small_samples) {
    frequent_key_tally all;
    all.add(sample(49, {{"a", 49}}));
    EXPECT_TRUE(all.keys(true).empty());
}

}  // namespace
}  // namespace sheaf::detail
