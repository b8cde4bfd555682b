// Records that are left out: finding them, and writing them aside.
#include <filesystem>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "map_reduce/bad_record_file.hpp"
#include "map_reduce/divide_pieces.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::detail {
namespace {

TEST(divided_pieces, are_some_whole_ones_each_while_there_are_several) {
    std::vector<input_piece> pieces;
    for (std::uint64_t i = 0; i < 10; ++i) pieces.push_back({.path = "/in", .offset = i, .length = 1});
    const auto parts = divide_pieces(pieces, {{}}, 8);
    ASSERT_EQ(parts.size(), 8U);
    std::uint64_t next = 0;
    for (const auto& part : parts) {
        for (const input_piece& piece : part) EXPECT_EQ(piece.offset, next++);
    }
    EXPECT_EQ(next, 10U);
}

TEST(divided_pieces, of_one_are_its_parts_until_there_is_a_byte_left) {
    const auto parts = divide_pieces({{.path = "/in", .offset = 100, .length = 20, .file_size = 200}}, {{}}, 8);
    ASSERT_GT(parts.size(), 1U);
    std::uint64_t end = 100;
    for (const auto& part : parts) {
        ASSERT_EQ(part.size(), 1U);
        EXPECT_EQ(part[0].offset, end);
        end += part[0].length;
    }
    EXPECT_EQ(end, 120U);
    EXPECT_LE(divide_pieces({{.path = "/in", .offset = 7, .length = 1, .file_size = 200}}, {{}}, 8).size(), 1U);
}

TEST(bad_records, have_a_line_each_whatever_is_in_them) {
    EXPECT_EQ(bad_record_line({"/in", 7, 3, "no\nway", std::string("a\tb\0\\", 5)}),
              "/in\t7\t3\tno\\nway\ta\\tb\\x00\\\\\n");
}

struct bad_record_files : testing::Test {
    static run_account with_bad_record() {
        run_header header;
        header.splits.resize(1);
        run_account account(std::move(header));
        unit_mapped mapped{0, {}};
        mapped.output.bad.push_back({"/in", 7, 3, "why", "abc"});
        EXPECT_TRUE(account.apply(mapped));
        EXPECT_TRUE(account.apply(unit_reduced{0, {}}));
        return account;
    }
    const run_account account = with_bad_record();
    test::scratch_directory scratch;
    const std::string path = scratch / "bad";
};

TEST_F(bad_record_files, appear_when_they_are_published_and_stay_when_they_are_kept) {
    {
        auto dropped = bad_record_file::write(account, path, false);
        ASSERT_TRUE(dropped);
        EXPECT_FALSE(std::filesystem::exists(path));
        ASSERT_TRUE(dropped->publish());
        EXPECT_TRUE(std::filesystem::exists(path));
    }
    EXPECT_TRUE(std::filesystem::is_empty(scratch / "."));
    {
        auto kept = bad_record_file::write(account, path, false);
        ASSERT_TRUE(kept);
        ASSERT_TRUE(kept->publish());
        EXPECT_EQ(kept->keep(), path);
    }
    EXPECT_EQ(test::read_file(path), "/in\t7\t3\twhy\tabc\n");
}

TEST_F(bad_record_files, replace_older_ones_only_when_they_may_and_bring_them_back) {
    ASSERT_TRUE(check_bad_records_path(path, false));
    test::write_file(path, "older");
    EXPECT_FALSE(check_bad_records_path(path, false));
    EXPECT_TRUE(check_bad_records_path(path, true));
    EXPECT_FALSE(check_bad_records_path(scratch / "nowhere" / "bad", true));
    EXPECT_FALSE(bad_record_file::write(account, path, false)->publish());
    EXPECT_EQ(test::read_file(path), "older");
    {
        auto dropped = bad_record_file::write(account, path, true);
        ASSERT_TRUE(dropped->publish());
        EXPECT_NE(test::read_file(path), "older");
    }
    EXPECT_EQ(test::read_file(path), "older");
    {
        auto kept = bad_record_file::write(account, path, true);
        ASSERT_TRUE(kept->publish());
        EXPECT_EQ(kept->keep(), path);
    }
    EXPECT_NE(test::read_file(path), "older");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 1);
}

TEST_F(bad_record_files, of_a_killed_run_are_swept_by_the_next) {
    test::write_file(scratch / ".bad.sheaf-0123" / "list", "half");
    test::write_file(scratch / ".bad.sheaf-0123" / "lock", "");
    ASSERT_TRUE(check_bad_records_path(path, false));
    EXPECT_TRUE(std::filesystem::is_empty(scratch / "."));
}

TEST_F(bad_record_files, are_not_made_without_bad_records) {
    auto none = bad_record_file::write(run_account(run_header{}), path, false);
    ASSERT_TRUE(none);
    ASSERT_TRUE(none->publish());
    EXPECT_EQ(none->keep(), "");
    EXPECT_TRUE(std::filesystem::is_empty(scratch / "."));
}

TEST(bad_records_paths, are_beside_the_output_if_it_has_a_name_and_no_other_is_given) {
    EXPECT_EQ(bad_records_path({}, "/data/out"), "/data/out.bad-records");
    EXPECT_EQ(bad_records_path({}, ""), "");
    EXPECT_EQ(bad_records_path({.bad_records_file = "/data/bad"}, ""), "/data/bad");
}

}  // namespace
}  // namespace sheaf::detail
