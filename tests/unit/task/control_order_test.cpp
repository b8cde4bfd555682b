// Orders to cancel calls, as they are written, and what is refused.
#include <string>

#include <gmock/gmock.h>

#include <sheaf/detail/control_order.hpp>

namespace sheaf::detail {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string cancel_of(std::vector<std::uint64_t> calls) { return std::string(write_cancel_order(calls).view()); }

TEST(control_order, names_the_calls_that_were_written) {
    EXPECT_THAT(*read_cancel_order(cancel_of({1, 0xffff'ffff'ffff'fffe, 7})), ElementsAre(1, 0xffff'ffff'ffff'fffe, 7));
    EXPECT_THAT(*read_cancel_order(cancel_of({})), IsEmpty());
}

TEST(control_order, is_the_same_bytes_on_every_machine) {
    EXPECT_EQ(cancel_of({0x0102030405060708}), std::string("SC\x01\0\x08\x07\x06\x05\x04\x03\x02\x01", 12));
}

TEST(control_order, that_is_cut_or_foreign_or_of_another_version_or_kind_is_refused) {
    const std::string whole = cancel_of({1, 2});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto cut = read_cancel_order(std::string_view(whole).substr(0, size));
        EXPECT_EQ(cut.has_value(), size == 4 || size == 12) << size;
        if (!cut) {
            EXPECT_EQ(cut.error().code, errc::malformed);
        }
    }
    for (std::size_t at = 0; at < 4; ++at) {
        std::string other = whole;
        other[at] = 'x';
        EXPECT_FALSE(read_cancel_order(other)) << at;
    }
}

TEST(control_order, only_short_names_of_its_kind_are_where_workers_take_orders) {
    const std::string longest =
        std::string(control_prefix) + std::string(control_name_max - control_prefix.size(), 'a');
    EXPECT_TRUE(is_control_name(longest));
    EXPECT_FALSE(is_control_name(longest + "a"));
    EXPECT_FALSE(is_control_name("fs.stats"));
    EXPECT_FALSE(is_control_name(std::string_view("sheaf.ctl.\0", 11)));
}

}  // namespace
}  // namespace sheaf::detail
