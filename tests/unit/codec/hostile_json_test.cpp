// What is no JSON, or not the JSON that was asked for.
#include <string>

#include <gtest/gtest.h>

#include "support/wire_shapes.hpp"
#include <sheaf/json.hpp>

namespace {

using namespace sheaf::test;
using sheaf::from_json;

/// What from_json says of a text that it must refuse.
template <class T>
std::string refusal(const std::string& text, const sheaf::decode_limits& limits = {}) {
    try {
        (void)from_json<T>(text, limits);
        return "accepted";
    } catch (const sheaf::decode_error& error) {
        return std::string(error.what()).substr(std::string_view("cannot decode: ").size());
    }
}

TEST(hostile_json, what_is_no_json_is_refused) {
    for (const std::string text : {"",
                                   " ",
                                   "{",
                                   "[1,]",
                                   "{\"a\":1,}",
                                   "nul",
                                   "'a'",
                                   "01",
                                   "+1",
                                   ".5",
                                   "1.",
                                   "0x10",
                                   "NaN",
                                   "Infinity",
                                   "// 1\n1",
                                   "[1] 2",
                                   "1 1",
                                   "\"a\nb\"",
                                   R"("\x41")",
                                   R"("\ud800")",
                                   R"("\ud800\u0041")",
                                   "\xef\xbb\xbf"
                                   "1",
                                   "{a:1}",
                                   "[1 2]"}) {
        EXPECT_NE(refusal<int>(text), "accepted") << text;
        EXPECT_NE((refusal<std::map<std::string, int>>(text)), "accepted") << text;
        EXPECT_NE(refusal<std::vector<int>>(text), "accepted") << text;
        EXPECT_NE(refusal<std::string>(text), "accepted") << text;
    }
    EXPECT_EQ(refusal<int>("1 x"), "text follows the end of the JSON value (at byte 2)");
}

TEST(hostile_json, numbers_must_fit_exactly) {
    EXPECT_EQ(refusal<std::uint8_t>("256"), "256 is out of range: 0 to 255");
    EXPECT_EQ(refusal<std::int8_t>("-129"), "-129 is out of range: -128 to 127");
    EXPECT_EQ(refusal<unsigned>("-1"), "-1 is out of range: 0 to 4294967295");
    EXPECT_EQ(refusal<std::uint64_t>("18446744073709551616"),
              "18446744073709551616 is out of range: 0 to 18446744073709551615");
    EXPECT_EQ(refusal<int>("1.0"), "a whole number is expected, not 1.0");
    EXPECT_EQ(refusal<int>("1e2"), "a whole number is expected, not 1e2");
    EXPECT_EQ(refusal<double>("1e999"), "1e999 is too large or too small to be held");
    EXPECT_EQ(refusal<float>("1e39"), "1e39 is too large or too small to be held");
    EXPECT_EQ(refusal<bool>("1"), "true or false is expected, and this is a number");
    EXPECT_EQ(refusal<int>("\"1\""), "a number is expected, and this is a text");
    EXPECT_EQ(refusal<int>(std::string(1000, '9')).size(),
              std::string(40, '9').size() + std::string("... is out of range: -2147483648 to 2147483647").size());
}

TEST(hostile_json, keys_are_neither_missing_nor_unknown_nor_there_twice) {
    using list = std::tuple<int, std::vector<stats>>;
    EXPECT_EQ(refusal<list>(R"([1,[{"path":"a","words":1},{"path":"a"}]])"), "[1][1]: the field \"words\" is missing");
    EXPECT_EQ(refusal<list>(R"([1,[{"path":"a","words":1,"wrods":2}]])"), "[1][0].wrods: there is no such field");
    EXPECT_EQ(refusal<list>(R"([1,[{"path":"a","words":1,"path":"b"}]])"), "[1][0].path: the key is there twice");
    EXPECT_EQ(refusal<list>(R"([1,[{"path":"a","words":"1"}]])"),
              "[1][0].words: a number is expected, and this is a text");
    EXPECT_EQ(refusal<list>(R"([1,[7]])"), "[1][0]: an object is expected, and this is a number");
    EXPECT_EQ((refusal<std::map<std::string, int>>(R"({"a b":1,"a b":2})")), R"(["a b"]: the key is there twice)");
    EXPECT_EQ((refusal<std::map<int, int>>("[[1,1],[1,2]]")), "[1]: the map holds this key twice");
    EXPECT_EQ(refusal<std::set<int>>("[1,1]"), "[1]: the set holds this value twice");
    EXPECT_EQ(refusal<nothing>(R"({"x":1})"), "x: there is no such field");
    EXPECT_EQ(refusal<stats>("null"), "an object is expected, and this is null");
}

TEST(hostile_json, lengths_must_fit) {
    using three = std::array<int, 3>;
    EXPECT_EQ(refusal<three>("[1,2]"), "more than 2 elements are expected");
    EXPECT_EQ(refusal<three>("[1,2,3,4]"), "there are 4 elements, and only 3 are expected");
    EXPECT_EQ((refusal<std::pair<int, three>>("[1,[1,2,3,4]]")), "[1]: there are 4 elements, and only 3 are expected");
    EXPECT_EQ((refusal<std::array<std::byte, 2>>("\"AQ==\"")), "2 bytes are expected");
}

TEST(hostile_json, a_variant_has_an_alternative_and_a_value) {
    EXPECT_EQ(refusal<choices>(R"({"index":5,"data":null})"), "index: 5 is out of range: 0 to 4");
    EXPECT_EQ(refusal<choices>(R"({"index":1})"), "the field \"data\" is missing");
    EXPECT_EQ(refusal<choices>(R"({"index":1,"data":"x"})"), "data: a number is expected, and this is a text");
}

TEST(hostile_json, base64_has_one_form) {
    for (const std::string text :
         {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n", "Zm 9v", "Zm9-", "Zg==Zg=="}) {
        EXPECT_NE(refusal<sheaf::bytes>(sheaf::to_json(text)), "accepted") << text;
    }
}

TEST(hostile_json, nesting_is_limited) {
    const auto chain = [](std::size_t length) {
        std::string text;
        for (std::size_t i = 1; i < length; ++i) text += R"({"value":0,"children":[],"spare":)";
        return text + R"({"value":0,"children":[],"spare":null})" + std::string(length - 1, '}');
    };
    EXPECT_EQ(refusal<tree>(chain(60)), "accepted");
    EXPECT_NE(refusal<tree>(chain(70)).find("too deep"), std::string::npos) << refusal<tree>(chain(70));
    EXPECT_NE(refusal<tree>(chain(200'000)), "accepted");
    EXPECT_NE(refusal<tree>(std::string(1'000'000, '[')), "accepted");
}

TEST(hostile_json, memory_stays_in_proportion) {
    std::string many = "[0";
    for (int i = 0; i < 100'000; ++i) many += ",0";
    many += "]";
    EXPECT_EQ(refusal<std::vector<int>>(many), "accepted");
    EXPECT_NE(refusal<std::vector<int>>(many, {.expansion = 2}), "accepted");
    using wide = std::vector<std::optional<std::array<std::uint64_t, 256>>>;
    std::string nulls = "[null";
    for (int i = 0; i < 100'000; ++i) nulls += ",null";
    EXPECT_EQ(refusal<wide>(nulls + "]"), "the decoded value would be far larger than its text allows for");
}

TEST(hostile_json, every_part_of_a_text_is_refused) {
    const std::string whole = R"({"value":-1,"children":[{"value":2e0,"children":[],"spare":null}],"spare":null})";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_NE(refusal<tree>(whole.substr(0, size)), "accepted") << size;
    }
}

}  // namespace
