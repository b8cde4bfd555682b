#include "server/handle_prefix.hpp"

#include <gtest/gtest.h>

#include "sheaf/runtime/error.hpp"

namespace sheaf::server {
namespace {

TEST(handle_prefix, each_second_and_each_random_number_gives_another_one) {
    const std::string first = make_handle_prefix("H:ant", 1'800'000'000, 7);
    EXPECT_EQ(first, make_handle_prefix("H:ant", 1'800'000'000, 7));
    EXPECT_NE(first, make_handle_prefix("H:ant", 1'800'000'001, 7));
    EXPECT_NE(first, make_handle_prefix("H:ant", 1'800'000'000, 8));
    EXPECT_EQ(first.substr(0, 6), "H:ant:");
    EXPECT_EQ(first.back(), ':');
}

TEST(handle_prefix, the_hosts_name_is_always_usable) {
    EXPECT_NO_THROW((void)make_handle_prefix(default_prefix(), 0, 0));
}

TEST(handle_prefix, one_that_would_break_the_text_protocol_is_refused) {
    EXPECT_THROW((void)make_handle_prefix("H: ", 0, 0), runtime_failure);
    EXPECT_THROW((void)make_handle_prefix("H\n", 0, 0), runtime_failure);
    EXPECT_THROW((void)make_handle_prefix(std::string(25, 'H'), 0, 0), runtime_failure);
}

}  // namespace
}  // namespace sheaf::server
