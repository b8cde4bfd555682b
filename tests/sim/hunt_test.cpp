// The simulation finds what it is there to find: each mistake that the broker is made to make is seen within 5,000 worlds, by the
// simulation's own eyes, without the help of the broker's invariants.
#include <array>
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

    // Whether it was seen for what it is. A mistake has consequences, which may be what is seen first in some worlds.
    bool find(const std::string& seen_as) {
        for (std::uint64_t seed = 1; seed <= worlds; ++seed) {
            try {
                simulation(seed, false).run();
            } catch (const violation& broken) {
                RecordProperty("worlds", std::to_string(seed));
                last_seen_ = broken.what();
                if (last_seen_.find(seen_as) != std::string::npos) return true;
            }
        }
        return false;
    }

    std::string last_seen_ = "nothing";
};

TEST_P(hunt, the_mistake_is_found) {
    EXPECT_TRUE(find(GetParam().seen_as)) << "seen last in " << worlds << " worlds: " << last_seen_;
}

constexpr std::array mistakes = {
    mistake{planted_bug::lost_wake_up, "lost_wake_up", "wait beside sleeping workers"},
    mistake{planted_bug::double_assignment, "double_assignment", "is with two workers"},
    mistake{planted_bug::forgotten_client, "forgotten_client", "a client waits for ever"},
    mistake{planted_bug::priority_inversion, "priority_inversion", "before a more urgent one"},
    mistake{planted_bug::stranded_line, "stranded_line", "wait beside sleeping workers"},
    mistake{planted_bug::leaked_job, "leaked_job", "jobs wait beside sleeping workers"},
};

INSTANTIATE_TEST_SUITE_P(of, hunt, ::testing::ValuesIn(mistakes),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(honest_broker, without_a_mistake_nothing_is_found) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) EXPECT_NO_THROW(simulation(seed, false).run()) << seed;
}

}  // namespace
}  // namespace sheaf::sim
