// Foreign bytes on their way to a terminal.
#include "base/printable.hpp"

#include <gtest/gtest.h>

namespace sheaf {
namespace {

TEST(printable, text_stays_as_it_is) {
    EXPECT_EQ(printable("img.resize ä€𝄞"), "img.resize ä€𝄞");
    EXPECT_EQ(json_string("img.resize ä€𝄞"), "\"img.resize ä€𝄞\"");
}

TEST(printable, nothing_can_move_the_cursor_or_forge_a_line) {
    EXPECT_EQ(printable("\x1b[2J\t\r\n\x7f"), "\\x1b[2J\\x09\\x0d\\x0a\\x7f");
    EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
    EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b") << "the control characters of Unicode";
    EXPECT_EQ(printable("\xe2\x80\xae"), "\\xe2\\x80\\xae") << "what turns the direction of writing";
}

TEST(printable, a_backslash_is_no_escape) { EXPECT_EQ(printable("\\x1b"), "\\\\x1b"); }

TEST(printable, what_is_not_utf8_is_shown_by_its_bytes) {
    EXPECT_EQ(printable("\xff"), "\\xff");
    EXPECT_EQ(printable("\xc3"), "\\xc3") << "cut off";
    EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "longer than it has to be";
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half a surrogate pair";
    EXPECT_EQ(printable("\xf5\x80\x80\x80"), "\\xf5\\x80\\x80\\x80") << "beyond Unicode";
    EXPECT_EQ(printable("\xc3\x28"), "\\xc3(");
}

TEST(shell_word, is_quoted_where_a_shell_would_take_it_apart) {
    EXPECT_EQ(shell_word("unix:/home/me/s"), "unix:/home/me/s");
    EXPECT_EQ(shell_word("./odd name"), "'./odd name'");
    EXPECT_EQ(shell_word("it's;$x"), "'it'\\''s;$x'");
    EXPECT_EQ(shell_word(""), "''");
    EXPECT_EQ(shell_word("\x1b[2J"), "'\\x1b[2J'") << "printable";
}

TEST(json_string, is_valid_whatever_it_is_made_of) {
    EXPECT_EQ(json_string("a\"b\\c"), R"("a\"b\\c")");
    EXPECT_EQ(json_string("\x01\n\xc2\x85"), R"("\u0001\u000a\u0085")");
    EXPECT_EQ(json_string("\xff\xc3"), R"("\ufffd\ufffd")");
}

TEST(utf8_text, keeps_what_is_utf8_and_replaces_the_rest_byte_by_byte) {
    EXPECT_EQ(utf8_text("\x01\n\xc3\xa9\""), "\x01\n\xc3\xa9\"") << "nothing is escaped";
    EXPECT_EQ(utf8_text("a\xff\xc3(\xed\xa0\x80"), "a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(utf8_text(""), "");
}

}  // namespace
}  // namespace sheaf
