// Where runs keep their files.
#include "map_reduce/run_directory.hpp"

#include <cstdlib>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scratch_directory.hpp"

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct run_directories : testing::Test {
    run_directories() { ::setenv("SHEAF_TMPDIR", scratch.path().c_str(), 1); }
    ~run_directories() override { ::unsetenv("SHEAF_TMPDIR"); }
    test::scratch_directory scratch;
};

TEST_F(run_directories, are_private_below_the_directory_that_the_environment_names) {
    const auto root = run_directories_root();
    ASSERT_TRUE(root) << root.error().message;
    EXPECT_EQ(root->parent_path(), scratch.path());
    const auto run = run_directory::make(*root, "0123");
    ASSERT_TRUE(run) << run.error().message;
    EXPECT_EQ(run->path(), *root / "run-0123");
    for (const fs::path& path : {*root, run->path()}) {
        EXPECT_EQ(fs::status(path).permissions() & fs::perms::all, fs::perms::owner_all) << path;
    }
    EXPECT_EQ(run->nonce().size(), 32U);
    EXPECT_EQ(test::read_file(run->path() / "nonce"), run->nonce());
}

TEST_F(run_directories, are_refused_where_others_may_write) {
    const auto root = run_directories_root();
    ASSERT_TRUE(root);
    ASSERT_EQ(::chmod(root->c_str(), 0777), 0);
    EXPECT_THAT(run_directories_root().error().message, HasSubstr("others may write to it"));
    fs::remove(*root);
    fs::create_directory_symlink("/tmp", *root);
    EXPECT_THAT(run_directories_root().error().message, HasSubstr("it is not a directory"));
}

TEST_F(run_directories, say_which_variable_to_set_when_there_is_no_room) {
    ::setenv("SHEAF_TMPDIR", "/nowhere/at/all", 1);
    EXPECT_THAT(run_directories_root().error().message, HasSubstr("set SHEAF_TMPDIR"));
}

TEST_F(run_directories, have_names_that_do_not_repeat) {
    EXPECT_EQ(make_run_id().size(), 16U);
    EXPECT_NE(make_run_id(), make_run_id());
}

// What a killed run leaves: the files of one whose object did not get to its end.
struct left_run_directories : run_directories {
    fs::path leave(bool kept) {
        const fs::path path = *run_directories_root() / "run-left";
        fs::create_directory(path);
        test::write_file(path / "lock", "");
        test::write_file(path / "nonce", std::string(32, 'f'));
        if (kept) test::write_file(path / "keep", "");
        return path;
    }
};

TEST_F(left_run_directories, are_taken_over_once) {
    const fs::path path = leave(false);
    const auto taken = run_directory::take_over(path);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->nonce(), std::string(32, 'f'));
    EXPECT_FALSE(run_directory::take_over(path)) << "it has an owner";
    EXPECT_FALSE(run_directory::take_over(path.parent_path() / "run-none"));
}

TEST_F(left_run_directories, are_swept_by_the_next_run_unless_they_are_kept) {
    const fs::path path = leave(true);
    ASSERT_TRUE(run_directory::make(path.parent_path(), "1"));
    EXPECT_TRUE(fs::exists(path));
    const auto now = std::chrono::file_clock::now();
    fs::last_write_time(path, now - leased_directory::kept_for - std::chrono::minutes(1));
    ASSERT_TRUE(run_directory::make(path.parent_path(), "2"));
    EXPECT_FALSE(fs::exists(path)) << "after a day nobody comes for it";
    leave(false);
    ASSERT_TRUE(run_directory::make(path.parent_path(), "3"));
    EXPECT_FALSE(fs::exists(path));
}

TEST_F(left_run_directories, may_be_left_on_purpose) {
    fs::path path;
    {
        auto run = run_directory::make(*run_directories_root(), "0");
        ASSERT_TRUE(run);
        path = run->path();
        run->leave();
    }
    EXPECT_TRUE(run_directory::take_over(path));
    EXPECT_FALSE(fs::exists(path));
}

TEST_F(left_run_directories, give_up_files_that_they_have_and_no_others) {
    const auto run = run_directory::make(*run_directories_root(), "0");
    ASSERT_TRUE(run);
    test::write_file(run->path() / "map-1", "x");
    test::write_file(scratch / "precious", "x");
    run->remove("map-1");
    run->remove("../../precious");
    EXPECT_FALSE(fs::exists(run->path() / "map-1"));
    EXPECT_TRUE(fs::exists(scratch / "precious"));
}

}  // namespace
}  // namespace sheaf::detail
