// Cutting inputs into splits.
#include "input/split_plan.hpp"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sheaf/detail/record_lengths.hpp>

namespace sheaf::detail {
namespace {

constexpr std::uint64_t mebi = 1U << 20;

std::uint64_t bytes_in(const input_split& one) {
    std::uint64_t bytes = 0;
    for (const input_piece& piece : one) bytes += piece.length;
    return bytes;
}

seen_input seen(record_format records, std::vector<input_file> files = {}) {
    seen_input one;
    one.format.records = records;
    one.files = std::move(files);
    return one;
}

seen_input seen_values(std::string_view values) {
    seen_input one = seen(record_format::values);
    one.values = values;
    return one;
}

// Text in `files`.
std::vector<input_split> plan(const std::vector<input_file>& files, const split_policy& how) {
    return plan_splits({seen(record_format::lines, files)}, how);
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
    const auto splits = plan(files, {.slots = 2});
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
    const auto splits = plan(files, {.slots = 2});
    expect_covers(splits, files);
    // Opening a thousand files costs as much as reading sixteen megabytes: a single split would be too slow.
    EXPECT_GE(splits.size(), 8U);
    EXPECT_LE(splits.size(), 24U);
}

TEST(split_planning, a_small_rest_of_a_file_stays_with_what_is_before_it) {
    const std::vector<input_file> files{{"/a", 105}};
    const auto splits = plan(files, {.bytes_exact = 100});
    ASSERT_EQ(splits.size(), 1U);
    EXPECT_EQ(bytes_in(splits[0]), 105U);
}

TEST(split_planning, empty_files_are_in_no_split) {
    EXPECT_TRUE(plan({{"/empty", 0}}, {}).empty());
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
        expect_covers(plan(files, {.slots = 1 + random() % 8, .bytes_min = 1000, .bytes_exact = 0}), files);
        std::ranges::for_each(files, [](input_file& file) { file.size %= 5000; });
        expect_covers(plan(files, {.bytes_exact = 1 + random() % 300}), files);
    }
}

TEST(split_planning, what_cannot_be_cut_is_in_one_piece_however_large_it_is) {
    const std::vector<input_file> files{{"/a.gz", 100 * mebi}, {"/b", 100 * mebi}, {"/c.zst", 3 * mebi}};
    const auto splits = plan(files, {.slots = 2});
    expect_covers(splits, files);
    EXPECT_EQ(splits.front().size(), 1U);
    EXPECT_TRUE(splits.front().front().indivisible);
    EXPECT_EQ(splits.front().front().length, 100 * mebi);
    EXPECT_FALSE(splits[1].front().indivisible);
    EXPECT_TRUE(splits.back().back().indivisible);
}

TEST(split_planning, whole_files_are_records_even_when_they_are_empty) {
    const seen_input all = seen(record_format::whole_files, {{"/a", 0}, {"/b", 70}, {"/c", 0}});
    const auto splits = plan_splits({all}, {.bytes_exact = 50});
    std::vector<std::string> paths;
    for (const input_split& one : splits) {
        for (const input_piece& piece : one) paths.push_back(piece.path);
    }
    EXPECT_THAT(paths, testing::ElementsAre("/a", "/b", "/c"));
}

TEST(split_planning, inputs_do_not_share_splits) {
    const seen_input one = seen(record_format::lines, {{"/a", 10}});
    const seen_input other = seen(record_format::csv, {{"/b", 10}, {"/c", 10}});
    const auto splits = plan_splits({one, other}, {.slots = 1});
    ASSERT_EQ(splits.size(), 2U);
    EXPECT_EQ(splits[0].front().input, 0U);
    ASSERT_EQ(splits[1].size(), 2U);
    EXPECT_EQ(splits[1].back().input, 1U);
}

TEST(split_planning, numbers_make_as_many_splits_as_are_wanted_or_have_as_many_each_as_is_said) {
    seen_input all = seen(record_format::numbers);
    all.numbers = 1000;
    const auto splits = plan_splits({all}, {.slots = 2});
    EXPECT_EQ(splits.size(), 24U);
    std::uint64_t next = 0;
    for (const input_split& one : splits) {
        EXPECT_EQ(one.front().offset, next);
        next += one.front().length;
    }
    EXPECT_EQ(next, 1000U);
    EXPECT_EQ(plan_splits({all}, {.bytes_exact = 300}).size(), 4U);
}

TEST(split_planning, values_are_cut_between_them_and_travel_in_bounded_chunks) {
    std::string values;
    for (int i = 0; i < 10'000; ++i) {
        append_length(values, 300);
        values.append(300, 'v');
    }
    const seen_input all = seen_values(values);
    std::string seen;
    for (const input_split& one : plan_splits({all}, {.slots = 2, .shipped_max = 10'000})) {
        EXPECT_LE(bytes_in(one), 10'000U + 302);
        EXPECT_EQ(one.front().content.size() % 302, 0U);
        seen += one.front().content;
    }
    EXPECT_EQ(seen, values);
}

TEST(split_planning, few_values_are_spread_over_all_slots) {
    std::string values;
    for (int i = 0; i < 20; ++i) values += std::string("\1") + static_cast<char>(i);
    const seen_input all = seen_values(values);
    EXPECT_EQ(plan_splits({all}, {.slots = 8}).size(), 20U);
}

TEST(cutting_a_piece, its_bytes_are_in_the_parts_once_down_to_a_single_one) {
    const input_piece piece{.path = "/a", .offset = 100, .length = 1000, .file_size = 5000};
    const auto parts = cut_piece(piece, {}, 8);
    ASSERT_EQ(parts.size(), 8U);
    std::uint64_t next = 100;
    for (const input_piece& one : parts) {
        EXPECT_EQ(one.offset, next);
        next += one.length;
    }
    EXPECT_EQ(next, 1100U);
    EXPECT_EQ(cut_piece({.path = "/a", .offset = 7, .length = 1}, {}, 8).size(), 1U);
}

TEST(cutting_a_piece, what_has_no_borders_is_cut_by_the_numbers_of_its_records) {
    const input_piece piece{.path = "/a.gz", .length = 1000, .file_size = 1000, .indivisible = true};
    const auto parts = cut_piece(piece, {}, 8);
    ASSERT_EQ(parts.size(), 8U);
    std::uint64_t next = 0;
    for (const input_piece& one : parts) {
        EXPECT_EQ(one.first_record, next);
        next = one.last_record;
    }
    EXPECT_EQ(next, piece.last_record);
    EXPECT_EQ(cut_piece(parts[1], {}, 8).size(), 8U);
    EXPECT_EQ(cut_piece(parts[0], {}, 8).size(), 1U);
    EXPECT_EQ(cut_piece(piece, {.records = record_format::whole_files}, 8).size(), 1U);
}

TEST(split_planning, partitions_fit_the_slots_but_small_inputs_get_few) {
    EXPECT_EQ(plan_partitions(1024 * mebi, 2), 4U);
    EXPECT_EQ(plan_partitions(1024 * mebi, 2, 16 * mebi), 64U) << "where records are kept, a partition fits the memory";
    EXPECT_EQ(plan_partitions(10 * mebi, 2, 16 * mebi), 4U);
    EXPECT_EQ(plan_partitions(100, 64), 1U);
    EXPECT_EQ(plan_partitions(0, 0), 1U);
    EXPECT_EQ(plan_partitions(~std::uint64_t{0}, 1U << 30), 1024U);
}

}  // namespace
}  // namespace sheaf::detail
