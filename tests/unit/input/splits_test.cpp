// Splits of records of one size, of whole files, of numbers and of a user's own source.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "input/input_plan.hpp"
#include "unit/input/input_files.hpp"
#include <sheaf/detail/unit_refused.hpp>
#include <sheaf/file_split.hpp>
#include <sheaf/fixed_split.hpp>
#include <sheaf/number_split.hpp>
#include <sheaf/source_split.hpp>

namespace sheaf::detail {
namespace {

using test::piece_list;
using testing::ElementsAre;
using testing::HasSubstr;

// What a run over `given` would read, all of it.
piece_list plan(const input& given, const split_policy& how = {}) {
    auto made = plan_inputs({given}, how);
    if (!made) throw std::runtime_error(made.error().message);
    piece_list all{{}, made->formats};
    for (const input_split& one : made->splits) all.pieces.insert(all.pieces.end(), one.begin(), one.end());
    return all;
}

struct splits : testing::Test {
    test::input_files files;
};

TEST_F(splits, records_of_one_size_are_in_exactly_one_piece_wherever_the_borders_are) {
    std::string content = "head";
    std::vector<std::string> expected;
    for (int i = 0; i < 50; ++i) {
        expected.push_back(std::string(7, static_cast<char>('0' + i)));
        content += expected.back();
    }
    const std::string path = files.add(content);
    for (std::uint64_t piece_bytes = 1; piece_bytes < content.size() + 2; ++piece_bytes) {
        const auto what = plan(fixed_records({path}, 7, {.skip = 4}), {.bytes_exact = piece_bytes});
        std::vector<std::string> seen;
        for_each_split<fixed_split>(what, {}, [&](const fixed_split& in) {
            EXPECT_EQ(in.bytes(), content.substr(in.offset(), in.bytes().size()));
            for (const std::string_view one : in) seen.emplace_back(one);
        });
        ASSERT_EQ(seen, expected) << piece_bytes;
    }
}

TEST_F(splits, a_record_of_one_size_is_read_as_what_it_is) {
    const std::string path = files.add(std::string("\x01\0\0\0\x02\0\0\0", 8));
    for_each_split<fixed_split>(plan(fixed_records({path}, 4)), {}, [&](const fixed_split& in) {
        ASSERT_EQ(in.size(), 2U);
        EXPECT_EQ(in.as<std::uint32_t>(1), 2U);
    });
}

TEST_F(splits, a_file_that_ends_within_a_record_is_refused_packed_or_not) {
    const std::string content(23, 'x');
    for (const std::string& path : {files.add(content), files.add(test::gzipped(content), ".gz")}) {
        try {
            for_each_split<fixed_split>(plan(fixed_records({path}, 10)), {}, [](const fixed_split&) {});
            FAIL() << "it was accepted: " << path;
        } catch (const unit_refused& why) {
            EXPECT_THAT(why.message, AllOf(HasSubstr(path), HasSubstr("3 bytes into a record of 10")));
        }
    }
}

TEST_F(splits, whole_files_come_as_they_are_unpacked_and_empty_ones_too) {
    const std::string large(100'000, 'l');
    const std::vector<std::string> paths{files.add("small"), files.add(""), files.add(large),
                                         files.add(test::gzipped(large), ".gz"),
                                         files.add(test::zstandard(""), ".zst")};
    std::vector<std::string> seen;
    std::vector<std::string> names;
    for_each_split<file_split>(plan(whole_files(paths)), {}, [&](const file_split& in) {
        seen.emplace_back(in.bytes());
        names.push_back(in.path());
    });
    EXPECT_EQ(seen, (std::vector<std::string>{"small", "", large, large, ""}));
    EXPECT_EQ(names, paths);
}

TEST_F(splits, a_packed_file_that_would_not_fit_in_memory_is_refused) {
    const std::string path = files.add(test::gzipped(std::string(5U << 20, 'x')), ".gz");
    const auto what = plan(whole_files({path}, {.file_bytes_max = 2U << 20}));
    try {
        for_each_split<file_split>(what, {}, [](const file_split&) {});
        FAIL() << "it was accepted";
    } catch (const unit_refused& why) {
        EXPECT_THAT(why.message, AllOf(HasSubstr(path), HasSubstr("longer than 2097152")));
    }
}

TEST_F(splits, a_packed_file_may_be_as_long_as_it_is_allowed_and_not_a_byte_longer) {
    const std::string path = files.add(test::gzipped(std::string(100'000, 'x')), ".gz");
    std::size_t bytes = 0;
    const auto add = [&](const file_split& in) { bytes += in.bytes().size(); };
    for_each_split<file_split>(plan(whole_files({path}, {.file_bytes_max = 100'000})), {}, add);
    EXPECT_EQ(bytes, 100'000U);
    EXPECT_THROW((void)for_each_split<file_split>(plan(whole_files({path}, {.file_bytes_max = 99'999})), {}, add),
                 unit_refused);
}

TEST_F(splits, numbers_come_once_and_in_order) {
    std::vector<std::int64_t> seen;
    for_each_split<number_split>(plan(numbers(-3, 4), {.slots = 2}), {}, [&](const number_split& in) {
        for (const std::int64_t one : in) seen.push_back(one);
    });
    EXPECT_THAT(seen, ElementsAre(-3, -2, -1, 0, 1, 2, 3));
    EXPECT_TRUE(plan(numbers(5, 5)).pieces.empty());
    EXPECT_THROW((void)numbers(5, 4), std::invalid_argument);
}

struct shard {
    std::string table;
    int number = 0;
    [[nodiscard]] std::vector<std::string> records() const { return {table + std::to_string(number)}; }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(table, number);
    }
};

struct database {
    std::size_t limit = 3;
    [[nodiscard]] std::vector<shard> parts(const source_plan& plan) const {
        std::vector<shard> all;
        for (std::size_t i = 0; i < std::min(limit, plan.splits_wanted); ++i) all.push_back({"t", static_cast<int>(i)});
        if (limit == 0) throw std::runtime_error("no such table");
        return all;
    }
};

TEST_F(splits, parts_of_an_own_source_are_made_in_the_driver_and_read_on_the_worker) {
    std::vector<std::string> seen;
    for_each_split<source_split<shard>>(plan(from_source(database{})), {}, [&](const source_split<shard>& in) {
        for (const std::string& one : in.records()) seen.push_back(one);
    });
    EXPECT_THAT(seen, ElementsAre("t0", "t1", "t2"));
}

TEST_F(splits, what_an_own_source_throws_is_told) {
    const auto made = plan_inputs({from_source(database{.limit = 0})}, {});
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, HasSubstr("no such table"));
}

TEST_F(splits, a_hundred_thousand_files_are_planned_at_once) {
    std::vector<input_file> many(100'000);
    for (std::size_t i = 0; i < many.size(); ++i) many[i] = {"/data/" + std::to_string(i), 100};
    seen_input all;
    all.files = std::move(many);
    EXPECT_LE(plan_splits({all}, {.slots = 2}).size(), 32U);
}

}  // namespace
}  // namespace sheaf::detail
