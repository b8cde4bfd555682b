// Thousands of small worlds in which everything that may fail does.
//
// SHEAF_SIM_SEEDS=N runs N worlds (2,000 by default, 100,000 with ./dev test --long), SHEAF_SIM_SEED=N only the one that a failure
// names.
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include <gtest/gtest.h>

#include "simulation.hpp"

namespace sheaf::sim {
namespace {

// A broken invariant aborts: the handler must know the seed without allocating anything.
std::array<char, 64> current{};

void name_seed(int) {
    [[maybe_unused]] const auto written =
        ::write(STDERR_FILENO, current.data(), std::char_traits<char>::length(current.data()));
    std::signal(SIGABRT, SIG_DFL);
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(broker_sim, promises_are_kept_whatever_fails) {
    const std::uint64_t only = from_environment("SHEAF_SIM_SEED", 0);
    const std::uint64_t first = only != 0 ? only : 1;
    const std::uint64_t many = std::getenv("SHEAF_LONG_TESTS") != nullptr ? 100'000 : 2000;
    const std::uint64_t last = only != 0 ? only : from_environment("SHEAF_SIM_SEEDS", many);
    std::signal(SIGABRT, name_seed);
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        std::snprintf(current.data(), current.size(), "SHEAF_SIM_SEED=%llu\n", static_cast<unsigned long long>(seed));
        try {
            simulation(seed).run();
        } catch (const violation& broken) {
            FAIL() << broken.what() << "; SHEAF_SIM_SEED=" << seed;
        }
    }
    std::signal(SIGABRT, SIG_DFL);
}

}  // namespace
}  // namespace sheaf::sim
