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
}

TEST(handle_prefix, clients_find_a_host_and_a_number_in_a_handle_and_starts_are_equally_long) {
    for (const std::string& prefix :
         {make_handle_prefix("H:ant", 0, 0), make_handle_prefix("H:ant", ~std::uint64_t{0}, ~std::uint32_t{0})}) {
        const std::string digits = prefix.substr(6);
        EXPECT_EQ(digits.size(), 16) << prefix;
        EXPECT_EQ(digits.find_first_not_of("0123456789"), std::string::npos) << prefix;
    }
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
