// Directories that go with their owner, however it ends.
#include "output/leased_directory.hpp"

#include <optional>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/scratch_directory.hpp"

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

// A process that makes a leased directory with something in it, and is killed.
void leave_directory_behind(const fs::path& parent, const char* id) {
    const pid_t child = ::fork();
    if (child == 0) {
        const auto made = leased_directory::make(parent, "run-", id, 0700);
        if (made) test::write_file(made->path() / "below" / "file", "left");
        ::raise(SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(fs::exists(parent / (std::string("run-") + id) / "below" / "file"));
}

TEST(leased_directory, goes_with_its_owner_and_all_that_is_in_it) {
    const test::scratch_directory scratch;
    {
        auto made = leased_directory::make(scratch.path(), "run-", "1", 0700);
        ASSERT_TRUE(made) << made.error().message;
        EXPECT_EQ(made->path(), scratch / "run-1");
        test::write_file(made->path() / "deep" / "er" / "file", "x");
        EXPECT_EQ(fs::status(made->path()).permissions() & fs::perms::all, fs::perms::owner_all);
        const leased_directory moved = std::move(*made);
        EXPECT_TRUE(fs::exists(moved.path()));
    }
    EXPECT_TRUE(fs::is_empty(scratch.path()));
}

TEST(leased_directory, of_a_killed_process_is_swept_and_of_a_living_one_is_not) {
    const test::scratch_directory scratch;
    leave_directory_behind(scratch.path(), "dead");
    const auto mine = leased_directory::make(scratch.path(), "run-", "mine", 0700);
    ASSERT_TRUE(mine);
    fs::create_directory(scratch / "other");
    test::write_file(scratch / "run-file", "not a directory");
    EXPECT_EQ(leased_directory::sweep(scratch.path(), "run-"), 1U);
    EXPECT_FALSE(fs::exists(scratch / "run-dead"));
    EXPECT_TRUE(fs::exists(mine->path() / "lock"));
    EXPECT_TRUE(fs::exists(scratch / "other"));
    EXPECT_TRUE(fs::exists(scratch / "run-file"));
}

TEST(leased_directory, without_a_lock_is_swept_only_when_empty) {
    const test::scratch_directory scratch;
    fs::create_directory(scratch / "run-a");
    test::write_file(scratch / "run-b" / "precious", "not ours");
    leased_directory::sweep(scratch.path(), "run-");
    EXPECT_FALSE(fs::exists(scratch / "run-a"));
    EXPECT_TRUE(fs::exists(scratch / "run-b" / "precious"));
}

TEST(leased_directory, is_not_given_to_two_owners) {
    const test::scratch_directory scratch;
    const auto first = leased_directory::make(scratch.path(), "run-", "1", 0700);
    ASSERT_TRUE(first);
    EXPECT_FALSE(leased_directory::make(scratch.path(), "run-", "1", 0700));
    EXPECT_TRUE(fs::exists(first->path() / "lock"));
}

TEST(leased_directory, says_where_it_could_not_be_made) {
    const auto made = leased_directory::make("/nowhere/at/all", "run-", "1", 0700);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().message, "cannot make the directory /nowhere/at/all/run-1: No such file or directory");
}

TEST(leased_directory, links_to_directories_are_never_followed_by_a_sweep) {
    const test::scratch_directory scratch;
    test::write_file(scratch / "precious" / "file", "x");
    test::write_file(scratch / "precious" / "lock", "");
    fs::create_directory_symlink(scratch / "precious", scratch / "run-link");
    EXPECT_EQ(leased_directory::sweep(scratch.path(), "run-"), 0U);
    EXPECT_TRUE(fs::exists(scratch / "precious" / "file"));
}

}  // namespace
}  // namespace sheaf::detail
