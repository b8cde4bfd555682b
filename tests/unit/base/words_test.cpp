#include <gtest/gtest.h>

#include "base/plain_name.hpp"
#include "base/take_until.hpp"

namespace sheaf {
namespace {

TEST(take_until, gives_the_words_of_a_text_one_after_the_other) {
    std::string_view text = "one two  three";
    EXPECT_EQ(take_until(text, ' '), "one");
    EXPECT_EQ(take_until(text, ' '), "two");
    EXPECT_EQ(take_until(text, ' '), "");
    EXPECT_EQ(take_until(text, ' '), "three");
    EXPECT_EQ(text, "");
    EXPECT_EQ(take_until(text, ' '), "");
}

TEST(take_until, takes_the_mark_at_the_end_too) {
    std::string_view text = "line\n";
    EXPECT_EQ(take_until(text, '\n'), "line");
    EXPECT_EQ(text, "");
}

TEST(plain_names, are_letters_digits_dots_dashes_and_underscores) {
    EXPECT_TRUE(is_plain_name("aZ09._-", 7));
    EXPECT_FALSE(is_plain_name("aZ09._-", 6));
    EXPECT_FALSE(is_plain_name("", 6));
    for (const std::string_view bad : {"a b", "a/b", "\xc3\xa4", "a\n"}) EXPECT_FALSE(is_plain_name(bad, 10)) << bad;
}

}  // namespace
}  // namespace sheaf
