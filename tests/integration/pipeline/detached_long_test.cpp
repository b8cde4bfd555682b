// Detached runs with a join of a thousand, at 200 moments at which a process dies.
#include "integration/pipeline/detached_crew.hpp"
#include "support/random_text.hpp"

namespace sheaf::test {
namespace {

TEST_F(detached_crew, survives_200_deaths) {
    const std::uint64_t seed = random_seed();
    SCOPED_TRACE("SHEAF_SEED=" + std::to_string(seed));
    std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
    for (int round = 0; round < 200 && !HasFailure(); ++round) {
        survive_a_kill("run-" + std::to_string(round), round % 20 == 0 ? round / 20 % 2 : 1000, random);
    }
}

}  // namespace
}  // namespace sheaf::test
