// What a process sees of a wall clock that is wrong.
#include "support/wrong_clock.hpp"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "support/process.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

class wrong_clocks : public ::testing::Test {
  protected:
    // By how much the child's clock is ahead of ours: at least, as some time passes in between.
    std::chrono::seconds ask() {
        const auto before = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        child.write("tell\n");
        return std::chrono::seconds(std::stoll(child.read_line().value())) - before.time_since_epoch();
    }
    static bool is_about(std::chrono::seconds seen, std::chrono::seconds expected) {
        return seen >= expected && seen <= expected + patience;
    }

    wrong_clock clock{-90min};
    process child{command{{"bash", "-c", "while read -r; do printf '%(%s)T\\n' -1; done"}, clock.environment()}};
};

TEST_F(wrong_clocks, are_set_while_a_process_runs) {
    EXPECT_TRUE(is_about(ask(), -90min));
    clock.set(2h);
    EXPECT_TRUE(is_about(ask(), 2h));
    clock.set(0s);
    EXPECT_TRUE(is_about(ask(), 0s));
}

}  // namespace
}  // namespace sheaf::test
