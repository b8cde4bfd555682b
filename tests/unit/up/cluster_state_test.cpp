// The state file: written by one process, read by others, damaged by anybody.
#include "up/cluster_state.hpp"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include <gmock/gmock.h>

#include "support/scratch_directory.hpp"

namespace sheaf::up {
namespace {

using ::testing::HasSubstr;

const cluster_state example{
    .pid = 4711,
    .program = "/home/me/word count",
    .build = {1, 2, 3, -4},
    .workers = 4,
    .servers = {{.host = {}, .port = default_port, .path = "/run/s"}, {.host = "::1", .port = 4731, .path = {}}}};

TEST(cluster_state, reads_what_it_wrote) {
    const auto read = parse_state(to_text(example));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, example);
}

TEST(cluster_state, keys_of_a_later_version_are_passed_over) {
    const auto read = parse_state(to_text(example) + "colour blue\n");
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, example);
}

TEST(cluster_state, every_prefix_of_a_state_is_refused_or_lacks_only_servers) {
    const std::string text = to_text(example);
    for (std::size_t length = 0; length < text.size(); ++length) {
        const auto read = parse_state(text.substr(0, length));
        if (read) {
            EXPECT_EQ(read->servers.size(), 1U) << length;
        }
    }
}

TEST(cluster_state, hostile_bytes_are_an_error_and_never_a_state) {
    const std::string start = "sheaf cluster 1\npid 1\nprogram /p\nserver h:1\n";
    ASSERT_TRUE(parse_state(start));
    for (const std::string& bad :
         {std::string("sheaf cluster 2\n"), std::string("\0\0\0", 3), start + "pid -1\n", start + "pid 0\n",
          start + "pid 99999999999999999999\n", start + "pid 1 2\n", start + "program relative\n",
          start + "program /a\x1b[2J\n", start + "build 1 2 3\n", start + "build 1 2 3 4 5\n",
          start + "build 1  2 3 4\n", start + "build -1 2 3 4\n", start + "workers 4097\n", start + "server a:b:c\n",
          start + "\n", start + "nonsense\n", start + std::string(70000, 'x') + " y\n",
          std::string("sheaf cluster 1\npid 1\nprogram /p\n")}) {
        const auto read = parse_state(bad);
        EXPECT_FALSE(read) << bad.substr(0, 80);
    }
    std::string many = start;
    for (int i = 0; i < 64; ++i) many += "server h:1\n";
    EXPECT_FALSE(parse_state(many));
}

TEST(cluster_state, an_error_says_what_is_wrong_and_what_to_do) {
    EXPECT_THAT(parse_state("sheaf cluster 1\npid x\n").error().message, HasSubstr("damaged (pid); end the cluster"));
}

TEST(cluster_state, the_file_is_replaced_as_a_whole_and_is_for_its_owner_alone) {
    const test::scratch_directory place;
    const auto path = place / "state";
    write_state(path, example);
    cluster_state next = example;
    next.workers = 7;
    write_state(path, next);
    const auto read = read_state(path);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, next);
    struct stat of {};
    ASSERT_EQ(::stat(path.c_str(), &of), 0);
    EXPECT_EQ(of.st_mode & 0777, 0600U);
    EXPECT_FALSE(std::filesystem::exists(place / "state.new"));
}

TEST(cluster_state, a_link_in_place_of_the_file_is_not_followed) {
    const test::scratch_directory place;
    write_state(place / "elsewhere", example);
    std::filesystem::create_symlink(place / "elsewhere", place / "state");
    EXPECT_FALSE(read_state(place / "state"));
}

TEST(file_identity, another_build_at_the_same_path_is_another) {
    const test::scratch_directory place;
    const std::string path = (place / "program").string();
    std::ofstream(path) << "one";
    const auto before = identify(path);
    ASSERT_TRUE(before);
    EXPECT_EQ(*before, *identify(path));
    std::ofstream(path + ".new") << "two";
    std::filesystem::rename(path + ".new", path);
    EXPECT_NE(*before, *identify(path));
    EXPECT_FALSE(identify((place / "nothing").string()));
}

}  // namespace
}  // namespace sheaf::up
