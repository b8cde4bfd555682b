#include "cluster/role.hpp"

#include <cstdlib>
#include <map>

#include <gmock/gmock.h>

namespace sheaf::detail {
namespace {

using ::testing::HasSubstr;

environment_lookup environment(std::map<std::string, std::string, std::less<>> variables) {
    return [variables](std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    };
}

TEST(role, an_empty_environment_makes_a_driver_with_a_worker_per_core) {
    const auto is = read_role(environment({}), 6);
    ASSERT_TRUE(is);
    EXPECT_FALSE(is->worker);
    EXPECT_TRUE(is->servers.empty());
    EXPECT_EQ(is->local_workers, 6U);
}

TEST(role, servers_and_workers_are_read) {
    const auto is = read_role(environment({{"SHEAF_SERVER", "a:1,unix:/x"}, {"SHEAF_WORKERS", "3"}}), 6);
    ASSERT_TRUE(is);
    EXPECT_FALSE(is->worker);
    EXPECT_EQ(is->servers, (std::vector<endpoint>{{"a", 1, {}}, {"", default_port, "/x"}}));
    EXPECT_EQ(is->local_workers, 3U);
}

TEST(role, inproc_is_a_driver_without_servers_or_processes) {
    const auto is = read_role(environment({{"SHEAF_SERVER", "inproc:"}, {"SHEAF_WORKERS", "3"}}), 6);
    ASSERT_TRUE(is);
    EXPECT_TRUE(is->in_process);
    EXPECT_TRUE(is->servers.empty());
    EXPECT_EQ(is->local_workers, 3U);
    EXPECT_FALSE(read_role(environment({}), 6)->in_process);
    EXPECT_FALSE(read_role(environment({{"SHEAF_SERVER", "inproc:"}, {"SHEAF_ROLE", "worker"}}), 6));
}

TEST(role, what_a_supervisor_sets_is_what_its_worker_reads) {
    std::map<std::string, std::string, std::less<>> variables;
    const supervision under{.first_slot = 4, .slots = 2, .supervisor = 77};
    for (const std::string& entry : worker_variables("unix:/s", under)) {
        variables[entry.substr(0, entry.find('='))] = entry.substr(entry.find('=') + 1);
    }
    const auto is = read_role(environment(variables), 1);
    ASSERT_TRUE(is);
    EXPECT_TRUE(is->worker);
    EXPECT_EQ(is->under, under);
    EXPECT_EQ(is->servers.at(0).path, "/s");
}

TEST(role, mistakes_are_reported_with_the_variable_and_its_value) {
    const auto message = [](std::map<std::string, std::string, std::less<>> variables) {
        const auto is = read_role(environment(std::move(variables)), 1);
        return is ? std::string("no error") : is.error().message;
    };
    EXPECT_THAT(message({{"SHEAF_SERVER", "host:99999"}}), HasSubstr("SHEAF_SERVER='host:99999'"));
    EXPECT_THAT(message({{"SHEAF_WORKERS", "0"}}), HasSubstr("SHEAF_WORKERS='0'"));
    EXPECT_THAT(message({{"SHEAF_WORKERS", "4x"}}), HasSubstr("SHEAF_WORKERS='4x'"));
    EXPECT_THAT(message({{"SHEAF_ROLE", "boss"}}), HasSubstr("SHEAF_ROLE='boss'"));
    EXPECT_THAT(message({{"SHEAF_ROLE", "worker"}}), HasSubstr("needs SHEAF_SERVER"));
    for (const char* text : {"", "1", "1:2", "1:2:", "1:2:0", "1:2:3:4", "x:0:1", "1:-1:1"}) {
        EXPECT_THAT(message({{"SHEAF_ROLE", "worker"}, {"SHEAF_SERVER", "a"}, {"SHEAF_SUPERVISED_BY", text}}),
                    HasSubstr("SHEAF_SUPERVISED_BY"));
    }
}

TEST(role, taking_the_role_leaves_nothing_that_makes_grandchildren_part_of_the_cluster) {
    ::setenv("SHEAF_ROLE", "worker", 1);
    ::setenv("SHEAF_SERVER", "localhost", 1);
    ::setenv("SHEAF_SUPERVISED_BY", "1:0:1", 1);
    const auto is = take_role();
    EXPECT_TRUE(is && is->worker);
    EXPECT_EQ(std::getenv("SHEAF_ROLE"), nullptr);
    EXPECT_EQ(std::getenv("SHEAF_SUPERVISED_BY"), nullptr);
    EXPECT_EQ(std::getenv("SHEAF_SERVER"), nullptr);
}

}  // namespace
}  // namespace sheaf::detail
