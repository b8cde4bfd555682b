// The walk over input paths, on real files of every kind.
#include "input/input_walk.hpp"

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

TEST_F(walking, outputs_that_are_being_made_are_no_input) {
    write_file(scratch / ".counts.sheaf-0123456789abcdef" / "part-00000", "half of it");
    write_file(scratch / ".counts.sheaf-of-mine" / "a", "1");
    write_file(scratch / "counts.sheaf-0123456789abcdef" / "b", "1");
    const auto found = walk_inputs({scratch.path().string()});
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_THAT(names(*found), ElementsAre(".counts.sheaf-of-mine/a", "counts.sheaf-0123456789abcdef/b"));
    EXPECT_FALSE(walk_inputs({""}));
}

TEST_F(walking, paths_keep_their_order_and_may_be_named_twice) {
    const std::string one = write_file(scratch / "one", "1");
    const std::string two = write_file(scratch / "two", "22");
    const auto found = walk_inputs({two, one, two});
    ASSERT_TRUE(found);
    EXPECT_THAT(names(*found), ElementsAre("two", "one", "two"));
    EXPECT_EQ(found->files[0].size, 2U);
    EXPECT_EQ(found->files[0], found->files[2]);
    EXPECT_NE(found->files[0].tag, "");
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

TEST_F(walking, a_pattern_gives_what_fits_it_and_must_fit_something) {
    write_file(scratch / "2026" / "01" / "a.log", "1");
    write_file(scratch / "2026" / "02" / "a.log.gz", "1");
    write_file(scratch / "2026" / "02" / "b.txt", "1");
    write_file(scratch / "2025" / "a.log", "1");
    const auto deep = walk_inputs({(scratch / "20?6" / "**" / "*.log*").string()});
    ASSERT_TRUE(deep) << deep.error().message;
    EXPECT_THAT(names(*deep), ElementsAre("2026/01/a.log", "2026/02/a.log.gz"));
    const auto directories = walk_inputs({(scratch / "20*").string()});
    ASSERT_TRUE(directories);
    EXPECT_THAT(names(*directories), ElementsAre("2025/a.log", "2026/01/a.log", "2026/02/a.log.gz", "2026/02/b.txt"));
    const auto nothing = walk_inputs({(scratch / "*.csv").string()});
    ASSERT_FALSE(nothing);
    EXPECT_THAT(nothing.error().message, HasSubstr("no file or directory fits"));
}

TEST_F(walking, a_file_whose_name_looks_like_a_pattern_is_itself) {
    write_file(scratch / "a[1]", "1");
    write_file(scratch / "a1", "1");
    const auto found = walk_inputs({(scratch / "a[1]").string()});
    ASSERT_TRUE(found);
    EXPECT_THAT(names(*found), ElementsAre("a[1]"));
}

class thing_elsewhere final : public range_reader {
  public:
    explicit thing_elsewhere(std::string name) : name_(std::move(name)) {}
    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    [[nodiscard]] std::uint64_t size() const override { return name_.size(); }
    [[nodiscard]] std::size_t read_at(std::uint64_t, std::span<char>) override { return 0; }
    void check_unchanged() override {}

  private:
    std::string name_;
};

TEST_F(walking, a_file_that_claims_to_be_empty_and_is_not_is_refused) {
    write_file(scratch / "empty", "");
    EXPECT_TRUE(walk_inputs({(scratch / "empty").string()}));
    const auto refused = walk_inputs({"/proc/self/status"});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("/proc/self/status claims to be empty and is not"));
}

TEST_F(walking, an_address_is_asked_for_its_size_and_never_taken_for_a_path) {
    const std::string address = "http://example/*.txt";
    const auto found =
        walk_inputs({address}, [](const std::string& name) { return std::make_unique<thing_elsewhere>(name); });
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->files.size(), 1U);
    EXPECT_EQ(found->files[0].path, address);
    EXPECT_EQ(found->files[0].size, address.size());
}

TEST_F(walking, an_address_that_cannot_be_opened_is_an_error_with_its_name) {
    const auto refused = walk_inputs({"http://example/a"}, [](const std::string&) -> std::unique_ptr<range_reader> {
        throw std::runtime_error("404 Not Found");
    });
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, AllOf(HasSubstr("http://example/a"), HasSubstr("404")));
    EXPECT_FALSE(walk_inputs({"http://example/a"}));
}

}  // namespace
}  // namespace sheaf::detail
