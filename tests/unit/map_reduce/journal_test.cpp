// Journals: what is written is read, and what is damaged is not.
#include "map_reduce/journal.hpp"

#include <gtest/gtest.h>

#include "map_reduce/run_account.hpp"
#include "support/scratch_directory.hpp"
#include "support/small_disk.hpp"

namespace sheaf::detail {
namespace {

run_header header_of(std::size_t splits, std::uint32_t partitions, std::uint32_t per_unit = 1) {
    run_header header;
    header.id = "0123";
    header.output = "/out";
    header.partitions = partitions;
    header.partitions_per_unit = per_unit;
    for (std::size_t i = 0; i < splits; ++i) header.splits.push_back({{.path = "/in", .offset = 10 * i, .length = 10}});
    return header;
}

unit_mapped mapped(std::uint32_t index, std::size_t bad = 0) {
    unit_mapped unit{index, {}};
    unit.output.file = "map-" + std::to_string(index);
    unit.output.bad.resize(bad);
    return unit;
}

struct journals : testing::Test {
    std::filesystem::path path() const { return scratch / "journal"; }
    std::string written(const std::vector<run_note>& notes) const {
        journal log(path(), 0);
        for (const run_note& one : notes) log.append(one);
        EXPECT_EQ(log.trouble(), "");
        return test::read_file(path());
    }
    test::scratch_directory scratch;
};

TEST_F(journals, give_back_what_was_written) {
    written({header_of(2, 3), mapped(1), segment_gone{1}, boundaries_chosen{{"m"}}});
    const journal_text text = read_journal(path());
    ASSERT_EQ(text.notes.size(), 4U);
    EXPECT_EQ(std::get<run_header>(text.notes[0]).splits[1][0].offset, 10U);
    EXPECT_EQ(std::get<unit_mapped>(text.notes[1]).output.file, "map-1");
    EXPECT_EQ(std::get<boundaries_chosen>(text.notes[3]).boundaries, std::vector<std::string>{"m"});
    EXPECT_EQ(read_header(path())->output, "/out");
}

TEST_F(journals, that_are_cut_off_anywhere_give_the_notes_before_and_go_on_there) {
    const std::string whole = written({header_of(4, 1), mapped(0), mapped(1), mapped(2)});
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const journal_text text = read_notes(std::string_view(whole).substr(0, length));
        EXPECT_LE(text.valid_bytes, length);
        ASSERT_LT(text.notes.size(), 4U);
        if (text.notes.empty()) continue;
        test::write_file(path(), whole.substr(0, length));
        journal(path(), text.valid_bytes).append(mapped(3));
        const journal_text more = read_journal(path());
        ASSERT_EQ(more.notes.size(), text.notes.size() + 1);
        EXPECT_EQ(std::get<unit_mapped>(more.notes.back()).index, 3U);
    }
}

TEST_F(journals, with_a_byte_changed_give_nothing_from_there_on) {
    const std::string whole = written({header_of(1, 1), mapped(0)});
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
        EXPECT_LT(read_notes(damaged).notes.size(), 2U) << at;
    }
}

TEST_F(journals, of_another_version_are_not_read) {
    run_header header = header_of(1, 1);
    ++header.version;
    written({header, mapped(0)});
    EXPECT_TRUE(read_journal(path()).notes.empty());
    EXPECT_FALSE(read_header(path()));
}

TEST_F(journals, that_cannot_be_written_say_so_and_are_silent) {
    journal log(scratch / "missing" / "journal", 0);
    EXPECT_NE(log.trouble().find("cannot be written"), std::string::npos);
    log.append(mapped(0));
}

TEST_F(journals, on_a_full_disk_keep_what_they_have_and_get_the_rest_when_there_is_space) {
    const std::filesystem::path mounted = scratch / "disk";
    std::filesystem::create_directory(mounted);
    test::small_disk disk(mounted, 1U << 20);
    journal log(mounted / "journal", 0);
    log.append(header_of(2, 1));
    disk.fill();
    // The page that is begun still has room for the first ones.
    for (std::uint32_t i = 0; i < 200; ++i) log.append(mapped(i));
    EXPECT_NE(log.trouble().find("No space left"), std::string::npos);
    const std::size_t early = read_journal(mounted / "journal").notes.size();
    EXPECT_GE(early, 1U);
    EXPECT_LT(early, 201U);
    disk.clear();
    log.append(mapped(200));
    EXPECT_EQ(log.trouble(), "");
    const journal_text text = read_journal(mounted / "journal");
    ASSERT_EQ(text.notes.size(), 202U);
    EXPECT_EQ(std::get<unit_mapped>(text.notes.back()).index, 200U);
}

// ---- What they are read into.

TEST(run_account, of_a_divided_split_has_its_parts_in_its_place) {
    run_account account(header_of(3, 1));
    ASSERT_TRUE(account.apply(unit_divided{1, {{{.length = 4}}, {{.length = 6}}}}));
    EXPECT_EQ(account.order(), (std::vector<std::uint32_t>{0, 3, 4, 2}));
    EXPECT_FALSE(account.apply(mapped(5)));
    EXPECT_TRUE(account.apply(mapped(4)));
    EXPECT_EQ(account.bytes_mapped(), 6U);
    EXPECT_FALSE(account.apply(unit_divided{1, {}})) << "it is divided already";
}

TEST(run_account, counts_what_is_done_and_not_what_is_gone) {
    run_account account(header_of(2, 1));
    EXPECT_TRUE(account.apply(mapped(0, 2)));
    EXPECT_FALSE(account.apply(mapped(0))) << "twice";
    EXPECT_EQ(account.bad_records(), 2U);
    EXPECT_TRUE(account.apply(segment_gone{0}));
    EXPECT_FALSE(account.apply(segment_gone{0}));
    EXPECT_EQ(account.bad_records(), 0U);
    EXPECT_EQ(account.bytes_mapped(), 0U);
    EXPECT_EQ(account.mapped(0), nullptr);
}

TEST(run_account, has_its_partitions_in_units) {
    run_account account(header_of(0, 10, 4));
    EXPECT_EQ(account.reduce_units(), 3U);
    EXPECT_EQ(account.first_partition(2), 8U);
    EXPECT_EQ(account.partitions_of(2), 2U);
    EXPECT_FALSE(account.apply(output_publishing{})) << "before all is reduced";
    for (std::uint32_t unit = 0; unit < 3; ++unit) EXPECT_TRUE(account.apply(unit_reduced{unit, {}}));
    EXPECT_FALSE(account.apply(unit_reduced{3, {}}));
    EXPECT_TRUE(account.apply(output_publishing{1, 2}));
}

TEST(run_account, has_what_came_of_a_split_in_its_group_however_it_was_divided) {
    run_header header = header_of(5, 1);
    header.groups = 2;
    run_account account(header);
    ASSERT_TRUE(account.apply(unit_divided{1, {{{.length = 4}}, {{.length = 6}}}}));
    ASSERT_TRUE(account.apply(unit_divided{6, {{{.length = 3}}, {{.length = 3}}}}));
    ASSERT_TRUE(account.apply(unit_divided{2, {{{.length = 4}}, {{.length = 6}}}}));
    const auto first = account.order_of_group(0);
    const auto second = account.order_of_group(1);
    EXPECT_EQ(std::vector(first.begin(), first.end()), (std::vector<std::uint32_t>{0, 5, 7, 8}));
    EXPECT_EQ(std::vector(second.begin(), second.end()), (std::vector<std::uint32_t>{9, 10, 3, 4}));
}

TEST(run_account, takes_back_what_is_gone) {
    run_header header = header_of(4, 2);
    header.groups = 2;
    run_account account(header);
    EXPECT_FALSE(account.apply(merge_gone{0}));
    EXPECT_TRUE(account.apply(unit_merged{0, {}}));
    EXPECT_FALSE(account.apply(unit_merged{0, {}}));
    EXPECT_FALSE(account.apply(unit_merged{2, {}}));
    EXPECT_TRUE(account.apply(merge_gone{0}));
    EXPECT_EQ(account.merged(0), nullptr);

    unit_reduced reduced{1, {}};
    reduced.output.bad.resize(3);
    EXPECT_FALSE(account.apply(output_gone{1}));
    EXPECT_TRUE(account.apply(reduced));
    EXPECT_TRUE(account.apply(unit_reduced{0, {}}));
    EXPECT_TRUE(account.apply(output_publishing{1, 2}));
    EXPECT_TRUE(account.apply(output_gone{1}));
    EXPECT_EQ(account.bad_records(), 0U);
    EXPECT_FALSE(account.all_reduced());
    EXPECT_FALSE(account.publishing());
}

TEST(run_account, knows_that_there_are_no_boundaries) {
    run_account account(header_of(1, 2));
    EXPECT_FALSE(account.has_boundaries());
    ASSERT_TRUE(account.apply(boundaries_chosen{}));
    EXPECT_TRUE(account.has_boundaries());
}

}  // namespace
}  // namespace sheaf::detail
