// Output that is there as a whole or not at all.
#include "output/output_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scratch_directory.hpp"

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;
using test::write_file;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(output_directory, appears_with_all_accepted_files_and_nothing_else) {
    const test::scratch_directory scratch;
    {
        auto output = output_directory::prepare((scratch / "out/").string(), "id");
        ASSERT_TRUE(output) << output.error().message;
        EXPECT_EQ(output->staging().parent_path(), scratch.path()) << "another file system would need copies";
        write_file(output->staging() / "second", "2");
        write_file(output->staging() / "first", "1");
        write_file(output->staging() / "first-but-late", "never accepted");
        ASSERT_TRUE(output->accept(1, "second"));
        ASSERT_TRUE(output->accept(0, "first"));
        EXPECT_FALSE(fs::exists(scratch / "out"));
        const auto files = output->publish();
        ASSERT_TRUE(files) << files.error().message;
        EXPECT_THAT(*files, ElementsAre("part-00000", "part-00001"));
    }
    EXPECT_EQ(test::read_file(scratch / "out" / "part-00000"), "1");
    EXPECT_EQ(test::read_file(scratch / "out" / "part-00001"), "2");
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch / "out"), {}), 2);
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path()), {}), 1) << "the staging directory is still there";
}

TEST(output_directory, that_is_given_up_leaves_nothing) {
    const test::scratch_directory scratch;
    {
        auto output = output_directory::prepare((scratch / "out").string(), "id");
        ASSERT_TRUE(output);
        write_file(output->staging() / "half", "x");
        ASSERT_TRUE(output->accept(0, "half"));
    }
    EXPECT_TRUE(fs::is_empty(scratch.path()));
}

TEST(output_directory, that_exists_is_refused_and_not_touched) {
    const test::scratch_directory scratch;
    write_file(scratch / "out" / "precious", "x");
    fs::create_symlink("nowhere", scratch / "link");
    write_file(scratch / "file", "x");
    for (const char* name : {"out", "out/", "link", "file"}) {
        const auto output = output_directory::prepare((scratch / name).string(), "id");
        ASSERT_FALSE(output) << name;
        EXPECT_THAT(output.error().message, HasSubstr("exists already: remove it, or name another"));
    }
    EXPECT_EQ(test::read_file(scratch / "out" / "precious"), "x");
}

TEST(output_directory, that_somebody_else_makes_meanwhile_is_not_replaced) {
    const test::scratch_directory scratch;
    auto output = output_directory::prepare((scratch / "out").string(), "id");
    ASSERT_TRUE(output);
    fs::create_directory(scratch / "out");  // empty: a plain rename would replace it
    EXPECT_FALSE(output->publish());
    EXPECT_TRUE(fs::is_empty(scratch / "out"));
}

TEST(output_directory, that_cannot_be_made_is_an_error_at_once) {
    const test::scratch_directory scratch;
    EXPECT_THAT(output_directory::prepare((scratch / "no" / "parent").string(), "id").error().message,
                HasSubstr("No such file or directory"));
    for (const char* name : {"", "/", ".", ".."}) EXPECT_FALSE(output_directory::prepare(name, "id")) << name;
}

TEST(output_directory, takes_no_file_from_outside_its_staging_directory) {
    const test::scratch_directory scratch;
    write_file(scratch / "precious", "x");
    auto output = output_directory::prepare((scratch / "out").string(), "id");
    ASSERT_TRUE(output);
    for (const char* name : {"../precious", "", ".", "..", "a/b", "missing"})
        EXPECT_FALSE(output->accept(0, name)) << name;
    EXPECT_TRUE(fs::exists(scratch / "precious"));
}

TEST(output_directory, sweeps_what_killed_runs_left_for_the_same_output_only) {
    const test::scratch_directory scratch;
    write_file(scratch / ".out.sheaf-dead" / "lock", "");
    write_file(scratch / ".out.sheaf-dead" / "output" / "part-00000", "half");
    write_file(scratch / ".other.sheaf-dead" / "lock", "");
    const auto output = output_directory::prepare((scratch / "out").string(), "id");
    ASSERT_TRUE(output);
    EXPECT_FALSE(fs::exists(scratch / ".out.sheaf-dead"));
    EXPECT_TRUE(fs::exists(scratch / ".other.sheaf-dead"));
}

}  // namespace
}  // namespace sheaf::detail
