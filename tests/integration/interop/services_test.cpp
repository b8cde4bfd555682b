// What our server answers itself, asked for by clients that know nothing of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/interop/stage.hpp"

namespace sheaf::test::interop {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class services : public testing::TestWithParam<peer> {};

TEST_P(services, the_result_of_a_background_job_is_fetched_by_any_client) {
    const peer client = GetParam();
    require(client);
    stage scene(server::sheafd, peer::ours);
    EXPECT_THAT(scene.call(client, "reverse", "hello", {"background", "unique=mine"}), ElementsAre("created"));
    EXPECT_THAT(scene.call(client, "sheaf.result", "unique mine"), ElementsAre("complete olleh")) << "as it ends";
    EXPECT_THAT(scene.call(client, "sheaf.result", "unique mine"), ElementsAre("complete olleh"))
        << "when it has ended";
    EXPECT_THAT(scene.call(client, "sheaf.job", "unique mine"), ElementsAre(HasSubstr(R"("state":"completed")")));
}

TEST_P(services, any_client_enqueues_a_job_with_terms) {
    const peer client = GetParam();
    require(client);
    stage scene(server::sheafd, peer::ours);
    const std::string job = "function fail\nattempts 2\nbackoff 10 1 10\n\nhello";
    EXPECT_THAT(scene.call(client, "sheaf.enqueue", job, {"background", "unique=mine"}), ElementsAre("created"));
    EXPECT_THAT(scene.call(client, "sheaf.result", "unique mine"), ElementsAre("fail"));
    EXPECT_THAT(scene.call(client, "sheaf.dead", "list fail"), ElementsAre(HasSubstr(R"("attempts":2)")));
}

INSTANTIATE_TEST_SUITE_P(of, services, testing::ValuesIn(all_peers),
                         [](const auto& one) { return std::string(name_of(one.param)); });

}  // namespace
}  // namespace sheaf::test::interop
