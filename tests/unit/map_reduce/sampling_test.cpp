// Ranges of keys from samples.
#include "map_reduce/sampling.hpp"

#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

std::vector<std::string> letters(char from, char to) {
    std::vector<std::string> all;
    for (char c = from; c <= to; ++c) all.emplace_back(1, c);
    return all;
}

TEST(ranges_of_keys, have_about_as_many_keys_each) {
    const range_choice choice = choose_ranges({letters('a', 'j'), letters('k', 't')}, 4);
    EXPECT_EQ(choice.boundaries, (std::vector<std::string>{"f", "k", "p"}));
    EXPECT_EQ(choice.note, "");
}

TEST(ranges_of_keys, without_a_sample_are_one) { EXPECT_TRUE(choose_ranges({{}, {}}, 8).boundaries.empty()); }

TEST(ranges_of_keys, are_fewer_when_one_key_is_half_of_all_and_that_is_said) {
    std::vector<std::string> keys(100, "m");
    for (const std::string& one : letters('a', 'z')) keys.push_back(one);
    const range_choice choice = choose_ranges({keys}, 4);
    EXPECT_EQ(choice.boundaries, std::vector<std::string>{"m"});
    EXPECT_EQ(choice.note, "some keys are so frequent that 2 of 4 partitions are empty: equal keys are always in one");
}

TEST(samples, are_spread_over_the_input) {
    std::vector<std::vector<input_piece>> splits(100);
    for (std::size_t i = 0; i < splits.size(); ++i) splits[i].push_back({.offset = i});
    const auto chosen = plan_samples(splits, 2);
    ASSERT_EQ(chosen.size(), 16U);
    EXPECT_EQ(chosen.front()[0].offset, 3U);
    EXPECT_EQ(chosen.back()[0].offset, 96U);
    EXPECT_EQ(plan_samples({}, 2).size(), 0U);
    EXPECT_EQ(plan_samples({splits[0]}, 2).size(), 1U);
}

}  // namespace
}  // namespace sheaf::detail
