// Where gearmand's queues lose, invent or spoil jobs, sheafd does not. With SHEAF_LONG_TESTS gearmand is shown to do so, and both are
// printed side by side.
#include "integration/queue/regressions.hpp"

#include <cstdio>

#include <gtest/gtest.h>

#include "integration/queue/queue_server.hpp"
#include "integration/queue/rivals.hpp"

namespace sheaf::test {
namespace {

class regressions_of_queues : public testing::TestWithParam<regression> {};

TEST_P(regressions_of_queues, are_none_of_sheafd) {
    const auto ours = sheafd_rival();
    const finding found = GetParam().run(*ours);
    EXPECT_TRUE(found.is_sound()) << to_string(found);
    if (!tests_are_long() || GetParam().shown_by == nullptr) return;
    const auto theirs = GetParam().shown_by();
    const finding shown = GetParam().run(*theirs);
    EXPECT_FALSE(shown.is_sound()) << "the scenario does not show what it is for";
    std::printf("%-5s %s\n      %-22s %s\n      %-22s %s\n", GetParam().name, GetParam().what, ours->name().c_str(),
                to_string(found).c_str(), theirs->name().c_str(), to_string(shown).c_str());
}

INSTANTIATE_TEST_SUITE_P(all, regressions_of_queues, testing::ValuesIn(regressions()),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace sheaf::test
