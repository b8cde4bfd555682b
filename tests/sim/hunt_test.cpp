// The simulation finds what it is there to find: each mistake that the broker is made to make is seen within 5,000 worlds, by the
// simulation's own eyes, without the help of the broker's invariants.
#include <array>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "broker/planted_bug.hpp"
#include "simulation.hpp"

namespace sheaf::sim {
namespace {

using broker::planted_bug;

constexpr std::uint64_t worlds = 5000;

struct mistake {
    planted_bug which;
    const char* name;
    const char* seen_as;  ///< a part of what the simulation says
};

void PrintTo(const mistake& m, std::ostream* out) { *out << m.name; }

class hunt : public ::testing::TestWithParam<mistake> {
  protected:
    void SetUp() override { broker::planted = GetParam().which; }
    void TearDown() override { broker::planted = planted_bug::none; }

    // What was seen in the first world where something was.
    static std::optional<std::string> find() {
        for (std::uint64_t seed = 1; seed <= worlds; ++seed) {
            try {
                simulation(seed, false).run();
            } catch (const violation& broken) {
                RecordProperty("worlds", std::to_string(seed));
                return broken.what();
            }
        }
        return std::nullopt;
    }
};

TEST_P(hunt, the_mistake_is_found) {
    const auto found = find();
    ASSERT_TRUE(found) << "nothing was seen in " << worlds << " worlds";
    EXPECT_NE(found->find(GetParam().seen_as), std::string::npos) << *found;
}

constexpr std::array mistakes = {
    mistake{planted_bug::lost_wake_up, "lost_wake_up", "wait beside sleeping workers"},
    mistake{planted_bug::double_assignment, "double_assignment", "is with two workers"},
    mistake{planted_bug::forgotten_client, "forgotten_client", "a client waits for ever"},
    mistake{planted_bug::priority_inversion, "priority_inversion", "before a more urgent one"},
    mistake{planted_bug::leaked_job, "leaked_job", "jobs wait beside sleeping workers"},
};

INSTANTIATE_TEST_SUITE_P(of, hunt, ::testing::ValuesIn(mistakes),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(honest_broker, without_a_mistake_nothing_is_found) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) EXPECT_NO_THROW(simulation(seed, false).run()) << seed;
}

}  // namespace
}  // namespace sheaf::sim
