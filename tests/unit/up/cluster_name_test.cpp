// Names of clusters, and where their files are.
#include "up/cluster_name.hpp"

#include <map>

#include <gmock/gmock.h>

namespace sheaf::up {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

detail::environment_lookup environment(std::map<std::string, std::string, std::less<>> variables) {
    return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
}

TEST(cluster_name, names_are_short_and_of_harmless_characters) {
    for (const std::string& good :
         {std::string("default"), std::string("a"), std::string("Ab_9.x-"), std::string(64, 'x')}) {
        EXPECT_TRUE(check_name(good)) << good;
    }
    for (const std::string& bad : {std::string(), std::string(65, 'x'), std::string("."), std::string(".."),
                                   std::string("-n"), std::string(".hidden"), std::string("a/b"), std::string("a b"),
                                   std::string("a\nb"), std::string("a\0b", 3), std::string("\xc3\xa4")}) {
        EXPECT_FALSE(check_name(bad)) << bad;
        EXPECT_FALSE(paths_of(bad, environment({{"HOME", "/home/me"}}))) << bad;
    }
}

TEST(cluster_paths, are_in_the_state_directory) {
    const auto paths = paths_of("jobs", environment({{"HOME", "/home/me"}, {"XDG_STATE_HOME", "/state"}}));
    ASSERT_TRUE(paths);
    EXPECT_EQ(paths->directory, "/state/sheaf/jobs");
    EXPECT_EQ(paths->state, "/state/sheaf/jobs/state");
    EXPECT_EQ(paths->server_socket(), "/state/sheaf/jobs/s");
}

TEST(cluster_paths, are_in_the_home_directory_where_the_state_directory_is_unset_or_relative) {
    for (const auto& variables : {std::map<std::string, std::string, std::less<>>{{"HOME", "/home/me"}},
                                  {{"HOME", "/home/me"}, {"XDG_STATE_HOME", "state"}}}) {
        const auto paths = paths_of("jobs", environment(variables));
        ASSERT_TRUE(paths);
        EXPECT_EQ(paths->directory, "/home/me/.local/state/sheaf/jobs");
    }
}

TEST(cluster_paths, without_a_home_are_an_error_that_says_what_to_set) {
    const auto paths = paths_of("jobs", environment({}));
    ASSERT_FALSE(paths);
    EXPECT_THAT(paths.error().message, HasSubstr("XDG_STATE_HOME"));
}

TEST(cluster_paths, sockets_go_elsewhere_when_their_path_would_be_no_address) {
    for (const std::string& home :
         {"/" + std::string(90, 'x'), std::string("/with a blank"), std::string("/with,comma")}) {
        const auto variables = environment({{"HOME", home}, {"XDG_RUNTIME_DIR", "/run/me"}});
        const auto paths = paths_of("jobs", variables);
        ASSERT_TRUE(paths);
        EXPECT_THAT(paths->sockets.string(), StartsWith("/run/me/sheaf-"));
        EXPECT_NE(paths->sockets, paths_of("other", variables)->sockets) << "each cluster has its own";
        EXPECT_TRUE(parse_endpoints("unix:" + paths->server_socket().string())) << home;
    }
}

TEST(cluster_paths, sockets_go_to_tmp_when_the_runtime_directory_is_no_better) {
    const std::string deep = "/" + std::string(100, 'x');
    const auto paths = paths_of(std::string(64, 'n'), environment({{"HOME", deep}, {"XDG_RUNTIME_DIR", deep}}));
    ASSERT_TRUE(paths);
    EXPECT_THAT(paths->sockets.string(), StartsWith("/tmp/sheaf-"));
    EXPECT_LE(paths->server_socket().string().size(), 107U);
}

}  // namespace
}  // namespace sheaf::up
