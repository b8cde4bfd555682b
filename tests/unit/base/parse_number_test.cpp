#include "base/parse_number.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace sheaf {
namespace {

TEST(parse_number, takes_a_text_that_is_a_number_and_nothing_else) {
    EXPECT_EQ(parse_number<int>("-12"), -12);
    EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551615"), 18446744073709551615U);
    EXPECT_EQ(parse_number<double>("2.5"), 2.5);
    for (const char* const text : {"", " 1", "1 ", "+1", "0x1", "1,000", "-", "many"}) {
        EXPECT_EQ(parse_number<int>(text), std::nullopt) << text;
    }
}

TEST(parse_number, a_number_out_of_range_is_none) {
    EXPECT_EQ(parse_number<std::uint16_t>("65535"), 65535);
    EXPECT_EQ(parse_number<std::uint16_t>("65536"), std::nullopt);
    EXPECT_EQ(parse_number<std::uint16_t>("-1"), std::nullopt);
}

TEST(leading_number, is_what_the_text_begins_with) {
    EXPECT_EQ(leading_number<int>("12"), 12);
    EXPECT_EQ(leading_number<int>("-12 apples"), -12);
    EXPECT_EQ(leading_number<int>("apples 12"), 0);
    EXPECT_EQ(leading_number<int>(""), 0);
    EXPECT_EQ(leading_number<std::uint32_t>("-12"), 0U);
}

TEST(leading_number, one_out_of_range_is_the_nearest_that_is_not) {
    EXPECT_EQ(leading_number<std::int64_t>("99999999999999999999"), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(leading_number<std::int64_t>("-99999999999999999999s"), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(leading_number<std::uint32_t>("4294967296"), std::numeric_limits<std::uint32_t>::max());
}

}  // namespace
}  // namespace sheaf
