// What the environment says to workers.
#include "cluster/worker_environment.hpp"

#include <map>

#include <gmock/gmock.h>

namespace sheaf::detail {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

basic_result<worker_environment> read(const std::map<std::string, std::string, std::less<>>& variables) {
    return read_worker_environment([&](std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    });
}

TEST(worker_environment, has_defaults) {
    const auto read_back = read({});
    ASSERT_TRUE(read_back);
    EXPECT_EQ(read_back->only, "");
    EXPECT_EQ(read_back->stop_grace, 2s);
    EXPECT_EQ(read_back->threads, 0U);
    EXPECT_EQ(read_back->processes, 1U);
}

TEST(worker_environment, is_read) {
    const auto read_back = read({{"SHEAF_ONLY", "a.*"}, {"SHEAF_STOP_GRACE", "0.25"}, {"SHEAF_THREADS", "3"}});
    ASSERT_TRUE(read_back);
    EXPECT_EQ(read_back->only, "a.*");
    EXPECT_EQ(read_back->stop_grace, 250ms);
    EXPECT_EQ(read_back->threads, 3U);
}

TEST(worker_environment, that_makes_no_sense_is_refused_by_name) {
    for (const char* grace : {"-1", "nan", "inf", "1e9", "2s", "x"}) {
        const auto refused = read({{"SHEAF_STOP_GRACE", grace}});
        ASSERT_FALSE(refused) << grace;
        EXPECT_THAT(refused.error().message, HasSubstr("SHEAF_STOP_GRACE='" + std::string(grace) + "'"));
    }
    for (const char* threads : {"0", "-1", "1025", "many"}) EXPECT_FALSE(read({{"SHEAF_THREADS", threads}})) << threads;
    for (const char* place : {"", "1", "1:0", "a:2", "1:2:3"})
        EXPECT_FALSE(read({{"SHEAF_WORKER_PLACE", place}})) << place;
}

TEST(worker_environment, a_workers_place_takes_that_of_what_was_there) {
    std::vector<std::string> variables{"SHEAF_ONLY=old", "HOME=/", "SHEAF_WORKER_PLACE=9:9"};
    set_worker_place(variables, 1, 4, "new.*");
    EXPECT_THAT(variables, ElementsAre("HOME=/", "SHEAF_WORKER_PLACE=1:4", "SHEAF_ONLY=new.*"));
    set_worker_place(variables, 2, 4, "");
    EXPECT_THAT(variables, ElementsAre("HOME=/", "SHEAF_ONLY=new.*", "SHEAF_WORKER_PLACE=2:4"));
}

}  // namespace
}  // namespace sheaf::detail
