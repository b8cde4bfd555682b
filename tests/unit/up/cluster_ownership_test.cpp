// Who has a cluster's name.
#include "up/cluster_ownership.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "support/scratch_directory.hpp"

namespace sheaf::up {
namespace {

using ::testing::HasSubstr;

class cluster_ownership_test : public ::testing::Test {
  protected:
    [[nodiscard]] cluster_paths paths(const std::string& name = "jobs") const {
        return *paths_of(name, [this](std::string_view variable) -> std::optional<std::string> {
            return variable == "XDG_STATE_HOME" ? std::optional(place_.path().string()) : std::nullopt;
        });
    }

    test::scratch_directory place_;
};

TEST_F(cluster_ownership_test, a_name_has_one_owner_at_a_time) {
    {
        const auto first = cluster_ownership::take(paths());
        ASSERT_TRUE(first);
        const auto second = cluster_ownership::take(paths());
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code, errc::cancelled);
        EXPECT_TRUE(cluster_ownership::take(paths("other"))) << "other names are free";
    }
    EXPECT_TRUE(cluster_ownership::take(paths()));
}

TEST_F(cluster_ownership_test, leaves_nothing) {
    {
        const auto owner = cluster_ownership::take(paths());
        ASSERT_TRUE(owner);
        for (const auto& file : {paths().state, paths().server_socket(), paths().control_socket()})
            std::ofstream(file) << "x";
    }
    EXPECT_FALSE(std::filesystem::exists(paths().directory));
}

TEST_F(cluster_ownership_test, leaves_a_log) {
    {
        const auto owner = cluster_ownership::take(paths());
        ASSERT_TRUE(owner);
        std::ofstream(paths().log) << "x";
    }
    EXPECT_TRUE(std::filesystem::exists(paths().log));
    EXPECT_FALSE(std::filesystem::exists(paths().lock));
    EXPECT_EQ(find_cluster(paths()), presence::absent);
}

TEST_F(cluster_ownership_test, looking_does_not_disturb_the_owner) {
    EXPECT_EQ(find_cluster(paths()), presence::absent);
    const auto owner = cluster_ownership::take(paths());
    ASSERT_TRUE(owner);
    EXPECT_EQ(find_cluster(paths()), presence::up);
    EXPECT_FALSE(cluster_ownership::take(paths()));
}

// A process that takes the cluster, leaves files, and is gone without a word.
void be_killed(const cluster_paths& paths) {
    const pid_t child = ::fork();
    if (child == 0) {
        const auto owner = cluster_ownership::take(paths);
        for (const auto& file : {paths.state, paths.server_socket()}) std::ofstream(file) << "x";
        ::_exit(owner ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
}

TEST_F(cluster_ownership_test, what_a_killed_owner_left_is_removed_by_who_looks) {
    be_killed(paths());
    ASSERT_TRUE(std::filesystem::exists(paths().state));
    EXPECT_EQ(find_cluster(paths()), presence::swept);
    EXPECT_FALSE(std::filesystem::exists(paths().directory));
    EXPECT_EQ(find_cluster(paths()), presence::absent);
}

TEST_F(cluster_ownership_test, what_a_killed_owner_left_is_removed_by_the_next_owner) {
    be_killed(paths());
    const auto owner = cluster_ownership::take(paths());
    ASSERT_TRUE(owner);
    EXPECT_FALSE(std::filesystem::exists(paths().state));
    EXPECT_FALSE(std::filesystem::exists(paths().server_socket()));
}

TEST_F(cluster_ownership_test, a_directory_that_is_open_to_others_is_refused) {
    std::filesystem::create_directories(paths().directory);
    ASSERT_EQ(::chmod(paths().directory.c_str(), 0755), 0);
    try {
        (void)cluster_ownership::take(paths());
        FAIL() << "it was taken";
    } catch (const runtime_failure& why) {
        EXPECT_THAT(why.what(), HasSubstr("open to, somebody else; remove it, or set XDG_STATE_HOME"));
    }
}

}  // namespace
}  // namespace sheaf::up
