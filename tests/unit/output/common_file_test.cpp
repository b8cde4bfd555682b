// Parts that are written straight to their places in one file.
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "output/run_output.hpp"
#include "support/scratch_directory.hpp"
#include <sheaf/detail/common_file.hpp>
#include <sheaf/detail/output_file.hpp>

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;
using testing::HasSubstr;

struct common_file : testing::Test {
    common_file() { write_file(scratch / common_file_name, ""); }

    [[nodiscard]] std::optional<claimed_place> claim(std::uint32_t partition, const file_range& where) const {
        return claimed_place::claim(scratch.path(), partition, where);
    }
    [[nodiscard]] std::string common() const { return read_file(scratch / common_file_name); }
    const test::scratch_directory scratch;
};

TEST_F(common_file, has_one_writer_for_each_place) {
    {
        const auto first = claim(3, {4, 2});
        ASSERT_TRUE(first);
        EXPECT_FALSE(claim(3, {4, 2}));
        EXPECT_TRUE(claim(4, {6, 2}));
    }
    auto next = claim(3, {4, 2});
    ASSERT_TRUE(next) << "whoever gives up gives its place back";
    EXPECT_FALSE(next->has_room(3));
    next->write("x");
    EXPECT_FALSE(next->full());
    next->write("y");
    next->keep();
    next.reset();
    EXPECT_FALSE(claim(3, {4, 2})) << "nobody writes over what is done";
    EXPECT_TRUE(claimed_place::take_back(scratch.path(), 3, {4, 2})) << "but who knows that it did not count";
    EXPECT_EQ(common(), std::string("\0\0\0\0xy", 6));
}

TEST_F(common_file, that_is_not_there_has_no_places) {
    fs::remove(scratch / common_file_name);
    EXPECT_FALSE(claim(0, {0, 2}));
    EXPECT_TRUE(fs::is_empty(scratch.path()));
}

TEST_F(common_file, gets_what_fills_its_place_exactly) {
    output_file file(scratch.path(), "own", {}, claim(0, {2, 3}));
    file.text() += "abc";
    EXPECT_EQ(file.commit(), "");
    EXPECT_EQ(file.range(), (file_range{2, 3}));
    EXPECT_EQ(common(), std::string("\0\0abc", 5));
    EXPECT_FALSE(fs::exists(scratch / "own.tmp"));
}

TEST_F(common_file, is_left_for_an_own_one_by_what_does_not_fit) {
    const std::string much(600'000, 'x');
    for (const std::string& text : {std::string("ab"), much, std::string()}) {
        output_file file(scratch.path(), "own", {}, claim(0, {2, 500'000}));
        for (std::size_t at = 0; at < text.size(); at += 1000) {
            file.text() += text.substr(at, 1000);
            file.written();
        }
        EXPECT_EQ(file.commit(), "own");
        EXPECT_EQ(file.range(), std::nullopt);
        EXPECT_EQ(read_file(scratch / "own"), text);
        EXPECT_TRUE(claim(0, {2, 3})) << "the claim has been given back";
    }
}

// ---- As a run's output.

struct whole_output : testing::Test {
    whole_output() { prepare(); }
    void prepare() {
        auto prepared = run_output::prepare(single_file(scratch / "all", {.record_bytes = 1}),
                                            {.run_id = "id", .scratch = {}, .overwrite = false});
        EXPECT_TRUE(prepared);
        output.emplace(std::move(*prepared));
    }
    static ino_t inode(const fs::path& of) {
        struct stat about {};
        EXPECT_EQ(::stat(of.c_str(), &about), 0);
        return about.st_ino;
    }
    void write_common(const std::string& text) const { write_file(output->staging() / common_file_name, text); }
    // The content, and that of the directory's one file.
    std::string publish() {
        const auto sealed = output->seal();
        EXPECT_TRUE(sealed && *sealed);
        const auto done = output->publish();
        EXPECT_TRUE(done) << done.error().message;
        output.reset();
        EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path()), {}), 1);
        return read_file(scratch / "all");
    }

    const test::scratch_directory scratch;
    std::optional<run_output> output;
};

TEST_F(whole_output, whose_parts_are_all_in_place_is_not_copied) {
    write_common("abcdef");
    const auto before = inode(output->staging() / common_file_name);
    ASSERT_TRUE(output->accept(1, file_range{2, 4}));
    ASSERT_TRUE(output->accept(0, file_range{0, 2}));
    EXPECT_EQ(publish(), "abcdef");
    EXPECT_EQ(inode(scratch / "all"), before);
}

TEST_F(whole_output, with_a_part_that_is_elsewhere_is_joined_in_order) {
    write_common("ab??ef");
    write_file(output->staging() / "attempt", "CD+");
    ASSERT_TRUE(output->accept(0, file_range{0, 2}));
    ASSERT_TRUE(output->accept(2, file_range{4, 2}));
    ASSERT_TRUE(output->accept(1, "attempt"));
    EXPECT_EQ(publish(), "abCD+ef");
}

TEST_F(whole_output, takes_parts_from_elsewhere_where_they_fit_and_nobody_writes) {
    for (const bool somebody_writes : {false, true}) {
        write_common("ab??ef");
        write_file(output->staging() / "second", "CD");
        write_file(output->staging() / "last", "");
        ASSERT_TRUE(output->accept(0, file_range{0, 2}));
        ASSERT_TRUE(output->accept(2, file_range{4, 2}));
        ASSERT_TRUE(output->accept(1, "second"));
        ASSERT_TRUE(output->accept(3, "last"));
        const auto common = inode(output->staging() / common_file_name);
        auto straggler = claimed_place::claim(output->staging(), somebody_writes ? 1 : 7, {2, 2});
        EXPECT_EQ(publish(), "abCDef");
        EXPECT_EQ(inode(scratch / "all") != common, somebody_writes);
        if (somebody_writes) {
            straggler->write("!!");
            EXPECT_EQ(read_file(scratch / "all"), "abCDef");
        }
        fs::remove(scratch / "all");
        prepare();
    }
}

TEST_F(whole_output, whose_parts_leave_a_gap_or_a_rest_is_joined) {
    write_common("ab?ef?");
    ASSERT_TRUE(output->accept(0, file_range{0, 2}));
    ASSERT_TRUE(output->accept(1, file_range{3, 2}));
    EXPECT_EQ(publish(), "abef");
}

TEST_F(whole_output, refuses_a_part_that_is_not_there) {
    write_common("ab");
    for (const file_range& wrong : {file_range{0, 3}, file_range{3, 1}, file_range{UINT64_MAX, 2}}) {
        const auto taken = output->accept(0, wrong);
        ASSERT_FALSE(taken);
        EXPECT_THAT(taken.error().message, HasSubstr("does it see another directory"));
    }
    EXPECT_EQ(output->content_of(0, file_range{0, 2})->bytes, 2U);
    EXPECT_FALSE(output->content_of(0, file_range{0, 3}));
    EXPECT_EQ(output->content_of(1, file_range{7, 0})->bytes, 0U) << "there is nothing in it, wherever others will be";
    EXPECT_TRUE(output->accept(1, file_range{7, 0}));
}

}  // namespace
}  // namespace sheaf::detail
