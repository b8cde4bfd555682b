#include "base/assert.hpp"

#include <gtest/gtest.h>

namespace sheaf {
namespace {

TEST(assert_test, a_broken_invariant_says_what_was_expected_and_where_in_the_source_tree) {
    const int legs = 3;
    EXPECT_DEATH(SHEAF_ASSERT(legs == 4, "a table stands"),
                 "^sheaf: internal error: a table stands \\(legs == 4\\) at tests/unit/base/assert_test.cpp:[0-9]+");
}

TEST(assert_test, what_holds_goes_on) { SHEAF_ASSERT(1 + 1 == 2, "arithmetic"); }

}  // namespace
}  // namespace sheaf
