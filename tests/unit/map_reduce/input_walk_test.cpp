// The walk over input paths, on real files of every kind.
#include "map_reduce/input_walk.hpp"

#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;
using test::write_file;
using testing::ElementsAre;
using testing::HasSubstr;

struct walking : testing::Test {
    std::vector<std::string> names(const input_list& found) const {
        std::vector<std::string> names;
        for (const input_file& file : found.files)
            names.push_back(fs::path(file.path).lexically_relative(scratch.path()).string());
        return names;
    }
    test::scratch_directory scratch;
};

TEST_F(walking, a_directory_gives_all_files_below_it_in_the_order_of_names) {
    write_file(scratch / "b", "12345");
    write_file(scratch / "a" / "z", "");
    write_file(scratch / "a" / "deep" / "x", "1");
    write_file(scratch / "a.txt", "12");
    const auto found = walk_inputs({scratch.path().string()});
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_THAT(names(*found), ElementsAre("a/deep/x", "a/z", "a.txt", "b"));
    EXPECT_EQ(found->files.back().size, 5U);
    EXPECT_EQ(found->skipped, 0U);
}

TEST_F(walking, paths_keep_their_order_and_may_be_named_twice) {
    const std::string one = write_file(scratch / "one", "1");
    const std::string two = write_file(scratch / "two", "22");
    const auto found = walk_inputs({two, one, two});
    ASSERT_TRUE(found);
    EXPECT_THAT(found->files, ElementsAre(input_file{two, 2}, input_file{one, 1}, input_file{two, 2}));
}

TEST_F(walking, a_relative_path_becomes_absolute) {
    const auto found = walk_inputs({fs::relative(write_file(scratch / "file", "x")).string()});
    ASSERT_TRUE(found);
    EXPECT_TRUE(fs::path(found->files.at(0).path).is_absolute());
    EXPECT_TRUE(fs::equivalent(found->files.at(0).path, scratch / "file"));
}

TEST_F(walking, a_walk_follows_links_to_files_but_not_to_directories_so_loops_end) {
    write_file(scratch / "real", "1234");
    fs::create_directory(scratch / "d");
    fs::create_symlink(scratch / "real", scratch / "d" / "link");
    fs::create_directory_symlink(scratch.path(), scratch / "d" / "loop");
    fs::create_symlink("self", scratch / "d" / "self");
    fs::create_symlink("nowhere", scratch / "d" / "dangling");
    const auto found = walk_inputs({scratch.path().string()});
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_THAT(names(*found), ElementsAre("d/link", "real"));
    EXPECT_EQ(found->files.at(0).size, 4U);
    EXPECT_EQ(found->skipped, 3U);
}

TEST_F(walking, a_link_to_a_directory_is_followed_when_it_is_named) {
    write_file(scratch / "d" / "file", "x");
    fs::create_directory_symlink(scratch / "d", scratch / "link");
    const auto found = walk_inputs({(scratch / "link").string()});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->files.size(), 1U);
}

TEST_F(walking, what_is_no_file_is_skipped_unopened_in_a_walk_and_refused_when_named) {
    const std::string fifo = scratch / "fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (scratch / "socket").c_str(), sizeof address.sun_path - 1);
    const test::unique_fd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);

    const auto found = walk_inputs({scratch.path().string()});  // would hang if it opened the FIFO for reading
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->files.empty());
    EXPECT_EQ(found->skipped, 2U);

    const auto named = walk_inputs({fifo});
    ASSERT_FALSE(named);
    EXPECT_THAT(named.error().message, HasSubstr(fifo + " is a FIFO"));
    EXPECT_THAT(walk_inputs({"/dev/null"}).error().message, HasSubstr("/dev/null is a character device"));
}

TEST_F(walking, a_path_that_does_not_exist_is_named_in_the_error) {
    const auto found = walk_inputs({(scratch / "missing").string()});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, errc::io_error);
    EXPECT_THAT(found.error().message, HasSubstr((scratch / "missing").string() + ": No such file or directory"));
}

TEST_F(walking, no_paths_give_no_files) { EXPECT_TRUE(walk_inputs({})->files.empty()); }

}  // namespace
}  // namespace sheaf::detail
