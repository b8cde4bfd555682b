// Cutting inputs into splits.
#include "map_reduce/split_plan.hpp"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

constexpr std::uint64_t mebi = 1U << 20;

std::uint64_t bytes_in(const input_split& one) {
    std::uint64_t bytes = 0;
    for (const input_piece& piece : one) bytes += piece.length;
    return bytes;
}

// What a plan must be whatever it is made of: each byte once, in order, no empty piece, no empty split.
void expect_covers(const std::vector<input_split>& splits, const std::vector<input_file>& files) {
    std::vector<input_file> seen;
    for (const input_split& one : splits) {
        EXPECT_FALSE(one.empty());
        for (const input_piece& piece : one) {
            EXPECT_GT(piece.length, 0U);
            if (piece.offset == 0) seen.push_back({piece.path, 0});
            ASSERT_FALSE(seen.empty());
            EXPECT_EQ(seen.back().path, piece.path);
            EXPECT_EQ(seen.back().size, piece.offset);
            seen.back().size += piece.length;
        }
    }
    std::vector<input_file> expected = files;
    std::erase_if(expected, [](const input_file& file) { return file.size == 0; });
    EXPECT_EQ(seen, expected);
}

TEST(split_planning, a_gigabyte_gives_each_of_two_slots_about_a_dozen_equal_splits) {
    const std::vector<input_file> files{{"/text", 1024 * mebi}};
    const auto splits = plan_splits(files, {.slots = 2});
    expect_covers(splits, files);
    EXPECT_EQ(splits.size(), 24U);
    EXPECT_LT(bytes_in(splits.front()) - bytes_in(splits.back()), mebi);
}

TEST(split_planning, splits_stay_within_their_bounds) {
    EXPECT_EQ(split_size(3 * mebi, {.slots = 64}), mebi);
    EXPECT_LE(split_size(1'000'000 * mebi, {.slots = 1}), 64 * mebi);
    EXPECT_EQ(split_size(0, {}), 1U);
    EXPECT_EQ(split_size(1000 * mebi, {.bytes_exact = 7}), 7U);
}

TEST(split_planning, a_thousand_small_files_share_few_splits) {
    std::vector<input_file> files;
    for (int i = 0; i < 1000; ++i) files.push_back({"/" + std::to_string(i), 100});
    const auto splits = plan_splits(files, {.slots = 2});
    expect_covers(splits, files);
    // Opening a thousand files costs as much as reading sixteen megabytes: a single split would be too slow.
    EXPECT_GE(splits.size(), 8U);
    EXPECT_LE(splits.size(), 24U);
}

TEST(split_planning, a_small_rest_of_a_file_stays_with_what_is_before_it) {
    const std::vector<input_file> files{{"/a", 105}};
    const auto splits = plan_splits(files, {.bytes_exact = 100});
    ASSERT_EQ(splits.size(), 1U);
    EXPECT_EQ(bytes_in(splits[0]), 105U);
}

TEST(split_planning, empty_files_are_in_no_split) {
    EXPECT_TRUE(plan_splits({{"/empty", 0}}, {}).empty());
    EXPECT_TRUE(plan_splits({}, {}).empty());
}

TEST(split_planning, any_sizes_are_covered_once_and_in_order) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 200; ++round) {
        std::vector<input_file> files(random() % 20);
        for (std::size_t i = 0; i < files.size(); ++i) {
            files[i] = {"/" + std::to_string(i), random() >> (24 + random() % 40)};
        }
        expect_covers(plan_splits(files, {.slots = 1 + random() % 8, .bytes_min = 1000, .bytes_exact = 0}), files);
        std::ranges::for_each(files, [](input_file& file) { file.size %= 5000; });
        expect_covers(plan_splits(files, {.bytes_exact = 1 + random() % 300}), files);
    }
}

TEST(split_planning, partitions_fit_the_slots_but_small_inputs_get_few) {
    EXPECT_EQ(plan_partitions(1024 * mebi, 2), 4U);
    EXPECT_EQ(plan_partitions(100, 64), 1U);
    EXPECT_EQ(plan_partitions(0, 0), 1U);
    EXPECT_EQ(plan_partitions(~std::uint64_t{0}, 1U << 30), 1024U);
}

}  // namespace
}  // namespace sheaf::detail
