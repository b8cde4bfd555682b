#include "docs/snippets.hpp"

#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

namespace sheaf::docs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view source =
    "#include <vector>\n"
    "// [declare]\n"
    "int x;\n"
    "// [/declare]\n"
    "int main() {\n"
    "    // [body]\n"
    "    if (x) {\n"
    "        // [inner]\n"
    "        --x;\n"
    "        // [/inner]\n"
    "\n"
    "    }\n"
    "    // [/body]\n"
    "}\n"
    "// [open]\n";

std::string read(const std::string& path) {
    if (path != "main.cpp") throw std::runtime_error("cannot read " + path);
    return std::string(source);
}

TEST(snippets_test, a_region_comes_without_marks_and_without_its_indentation) {
    EXPECT_EQ(extract(source, "body"), "if (x) {\n    --x;\n\n}\n");
    EXPECT_EQ(extract(source, "inner"), "--x;\n");
}

TEST(snippets_test, several_regions_have_dots_between_them) {
    EXPECT_EQ(extract(source, "declare,inner"), "int x;\n...\n--x;\n");
}

TEST(snippets_test, without_a_name_it_is_the_file_without_marks) {
    EXPECT_EQ(extract("# [all]\nset(x 1)\n# [/all]\n", ""), "set(x 1)\n");
}

TEST(snippets_test, a_region_that_is_missing_or_open_is_an_error) {
    EXPECT_THROW((void)extract(source, "nothing"), std::runtime_error);
    EXPECT_THROW((void)extract(source, "open"), std::runtime_error);
}

TEST(snippets_test, a_marked_block_is_replaced_and_all_else_kept) {
    const auto after = renew("# Title\n\n<!-- snippet: main.cpp#inner -->\n```cpp\nold\n```\n\n```sh\nls\n```\n", read);
    EXPECT_EQ(after.text, "# Title\n\n<!-- snippet: main.cpp#inner -->\n```cpp\n--x;\n```\n\n```sh\nls\n```\n");
    EXPECT_THAT(after.complaints, IsEmpty());
}

TEST(snippets_test, cpp_without_a_mark_is_complained_of) {
    EXPECT_THAT(renew("text\n```cpp\nint x;\n```\n", read).complaints,
                ElementsAre("2: a block of C++ without the source it comes from"));
}

TEST(snippets_test, a_mark_for_nothing_is_complained_of_and_changes_nothing) {
    const std::string document =
        "<!-- snippet: main.cpp#nothing -->\n```cpp\nkept\n```\n<!-- snippet: main.cpp -->\ntext\n";
    const auto after = renew(document, read);
    EXPECT_EQ(after.text, document);
    EXPECT_THAT(after.complaints, ElementsAre("2: main.cpp#nothing: there is no region [nothing]",
                                              "6: no fenced block follows the mark"));
}

}  // namespace
}  // namespace sheaf::docs
