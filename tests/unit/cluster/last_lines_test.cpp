#include "cluster/last_lines.hpp"

#include <gmock/gmock.h>

namespace sheaf::detail {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(last_lines, are_the_end_of_what_was_added_whatever_the_pieces) {
    last_lines end;
    EXPECT_THAT(end.lines(), IsEmpty());
    for (const char one : std::string("first\n\nthird\nhalf a li")) end.add({&one, 1});
    EXPECT_THAT(end.lines(), ElementsAre("first", "", "third", "half a li"));
    end.add("ne\n");
    EXPECT_THAT(end.lines(), ElementsAre("first", "", "third", "half a line"));
}

TEST(last_lines, of_many_the_last_ten_are_kept) {
    last_lines end;
    for (int i = 0; i < 100'000; ++i) end.add(std::to_string(i) + "\n");
    const auto lines = end.lines();
    ASSERT_EQ(lines.size(), last_lines::lines_max);
    EXPECT_EQ(lines.front(), "99990");
    EXPECT_EQ(lines.back(), "99999");
}

TEST(last_lines, only_whole_lines_are_kept_unless_the_last_is_too_long) {
    last_lines end;
    end.add(std::string(1500, 'a') + "\n" + std::string(1000, 'b') + "\n");
    EXPECT_THAT(end.lines(), ElementsAre(std::string(1000, 'b')));
    end.add("begin" + std::string(1'000'000, 'c'));
    EXPECT_THAT(end.lines(), ElementsAre(std::string(last_lines::bytes_max, 'c')));
}

}  // namespace
}  // namespace sheaf::detail
