#include "base/strong_id.hpp"

#include <concepts>
#include <type_traits>
#include <unordered_set>

#include <gtest/gtest.h>

namespace {

using apple = sheaf::strong_id<struct apple_tag>;
using pear = sheaf::strong_id<struct pear_tag>;

static_assert(!std::convertible_to<std::uint64_t, apple>, "a number is not an id by accident");
static_assert(!std::convertible_to<apple, std::uint64_t>, "an id is not a number by accident");
static_assert(!std::is_constructible_v<apple, pear>, "ids of different things do not mix");
static_assert(!std::equality_comparable_with<apple, pear>);
static_assert(sizeof(sheaf::strong_id<struct small_tag, std::uint32_t>) == 4, "an id costs what its number costs");

TEST(strong_id, equal_numbers_are_one_key_of_a_hash_set) {
    const std::unordered_set<apple> set{apple{1}, apple{2}, apple{1}};
    EXPECT_EQ(set.size(), 2U);
    EXPECT_TRUE(set.contains(apple{2}));
    EXPECT_LT(apple{1}, apple{2});
}

}  // namespace
