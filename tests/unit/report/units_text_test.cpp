// Numbers as people like to read them.
#include "report/units_text.hpp"

#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

using namespace std::chrono_literals;

TEST(units_text, keeps_two_or_three_digits) {
    EXPECT_EQ(bytes_text(0), "0 B");
    EXPECT_EQ(bytes_text(1023), "1023 B");
    EXPECT_EQ(bytes_text(1536), "1.5 KiB");
    EXPECT_EQ(bytes_text((1U << 20) - 1), "1.0 MiB");
    EXPECT_EQ(bytes_text(64U << 20), "64 MiB");
    EXPECT_EQ(bytes_text(~std::uint64_t{0}), "16 EiB");
    EXPECT_EQ(count_text(999), "999");
    EXPECT_EQ(count_text(1000001), "1,000,001");
    EXPECT_EQ(duration_text(0ms), "0.00 s");
    EXPECT_EQ(duration_text(12340ms), "12.3 s");
    EXPECT_EQ(duration_text(59990ms), "1 min 0 s");
    EXPECT_EQ(duration_text(2h + 3min + 4s), "2 h 3 min");
}

}  // namespace
}  // namespace sheaf::detail
