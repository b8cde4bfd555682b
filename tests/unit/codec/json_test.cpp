// Values as JSON and back.
#include <bitset>
#include <cmath>
#include <complex>
#include <limits>
#include <string>

#include <sheaf/json.hpp>

// Cereal's own code for types that only it knows, and for some that it must leave to us.
#include <cereal/types/bitset.hpp>
#include <cereal/types/complex.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <gtest/gtest.h>

#include "support/wire_shapes.hpp"

namespace {

using namespace sheaf::test;
using sheaf::from_json;
using sheaf::to_json;

template <class T>
void expect_json(const T& value, const std::string& text) {
    EXPECT_EQ(to_json(value), text);
    EXPECT_EQ(to_json(from_json<T>(text)), text);
}

/// What to_json says of a value that it must refuse.
template <class T>
std::string refusal(const T& value) {
    try {
        return "written: " + to_json(value);
    } catch (const sheaf::encode_error& error) {
        return error.what();
    }
}

TEST(json, scalars_are_numbers_truth_values_and_texts) {
    expect_json(true, "true");
    expect_json(color::blue, "2");
    expect_json('A', "65");
    expect_json(std::int8_t{-128}, "-128");
    expect_json(std::string("a\"b\\\n\x01é𝄞"), "\"a\\\"b\\\\\\n\\u0001é𝄞\"");
    expect_json(std::string("\0", 1), "\"\\u0000\"");
    expect_json(std::monostate{}, "null");
    expect_json(std::chrono::milliseconds(-3), "-3");
    expect_json(std::chrono::system_clock::time_point(std::chrono::nanoseconds(5)), "5");
}

TEST(json, integers_of_64_bits_are_exact) {
    expect_json(std::numeric_limits<std::uint64_t>::max(), "18446744073709551615");
    expect_json(std::numeric_limits<std::int64_t>::min(), "-9223372036854775808");
    expect_json((std::uint64_t{1} << 53) + 1, "9007199254740993");
}

TEST(json, floating_point_keeps_every_bit) {
    expect_json(0.1, "0.1");
    expect_json(0.1F, "0.1");
    expect_json(5e-324, "5e-324");
    expect_json(-0.0, "-0");
    for (const double value : {1.7976931348623157e308, 2.2250738585072011e-308, 9007199254740993.0, 1.0 / 3}) {
        EXPECT_EQ(from_json<double>(to_json(value)), value);
    }
    EXPECT_EQ(from_json<double>("18446744073709551617"), 18446744073709551616.0);
    EXPECT_EQ(from_json<double>("7"), 7.0);
    // Where a parser that is a little wrong in the last place is found out.
    EXPECT_EQ(from_json<double>("9214843084008499e-21"), 9214843084008499e-21);
}

TEST(json, containers_are_arrays_and_maps_with_texts_as_keys_are_objects) {
    expect_json(std::vector<int>{}, "[]");
    expect_json(std::vector<bool>{true, false}, "[true,false]");
    expect_json(std::array<std::array<int, 2>, 2>{{{1, 2}, {3, 4}}}, "[[1,2],[3,4]]");
    expect_json(std::set<std::string>{"a", "b"}, R"(["a","b"])");
    expect_json(std::map<std::string, std::vector<int>>{{"", {}}, {"a", {1}}}, R"({"":[],"a":[1]})");
    expect_json(std::map<int, std::string>{{1, "a"}, {2, "b"}}, R"([[1,"a"],[2,"b"]])");
    expect_json(std::multimap<std::string, int>{{"a", 1}, {"a", 2}}, R"([["a",1],["a",2]])");
    expect_json(std::tuple{1, std::string("b"), std::pair{true, 0.5}}, R"([1,"b",[true,0.5]])");
}

TEST(json, what_may_be_missing_is_null_and_a_variant_says_which_it_is) {
    expect_json(std::optional<int>{}, "null");
    expect_json(std::optional<int>{4}, "4");
    EXPECT_EQ(to_json(std::make_unique<int>(4)), "4");
    expect_json(choices{}, R"({"index":0,"data":null})");
    expect_json(choices{std::pair{true, 'c'}}, R"({"index":4,"data":[true,99]})");
    EXPECT_EQ((from_json<choices>(R"({"data":"x","index":2})")), choices{"x"});
}

TEST(json, bytes_are_base64) {
    const auto bytes = [](std::string_view text) {
        sheaf::bytes all;
        for (const char c : text) all.push_back(static_cast<std::byte>(c));
        return all;
    };
    // The test vectors of RFC 4648.
    expect_json(bytes(""), R"("")");
    expect_json(bytes("f"), R"("Zg==")");
    expect_json(bytes("fo"), R"("Zm8=")");
    expect_json(bytes("foo"), R"("Zm9v")");
    expect_json(bytes("foobar"), R"("Zm9vYmFy")");
    expect_json(bytes("\xff\xfe\xfd"), R"("//79")");
    EXPECT_EQ(from_json<sheaf::bytes>(R"("\/\/79")"), bytes("\xff\xfe\xfd"));
    expect_json(std::array<std::byte, 2>{std::byte{1}, std::byte{2}}, R"("AQI=")");
}

TEST(json, classes_are_objects_with_the_names_of_their_fields) {
    expect_json(stats{"p", 3}, R"({"path":"p","words":3})");
    expect_json(nothing{}, "{}");
    ranked_stats ranked;
    ranked.path = "p";
    expect_json(ranked, R"({"path":"p","words":0,"value0":0,"value1":[0,0,0],"value2":[0,0]})");
    expect_json(split_functions("ab"), R"({"value0":"ab","value1":2})");
    tree root;
    root.children.resize(1);
    EXPECT_EQ(to_json(root), R"({"value":0,"children":[{"value":0,"children":[],"spare":null}],"spare":null})");
}

TEST(json, fields_may_come_in_any_order) {
    EXPECT_EQ(from_json<stats>(" { \"words\" : 3 , \"path\" : \"p\" } \n"), (stats{"p", 3}));
}

TEST(json, a_class_of_one_value_is_that_value) { expect_json(std::vector<minimal>{{3}, {4}}, "[3,4]"); }

TEST(json, each_object_has_its_class_version) {
    const std::vector<versioned> two(2);
    const std::string one = R"({"cereal_class_version":7,"value0":0})";
    EXPECT_EQ(to_json(two), "[" + one + "," + one + "]");
    const auto read = from_json<std::vector<versioned>>("[" + one + R"(,{"value0":1,"cereal_class_version":6}])");
    EXPECT_EQ(read.at(1).version_seen, 6U);
}

/// Only cereal knows its type, and counts its elements.
struct counted {
    std::vector<std::string> words;
    template <class Archive>
    void save(Archive& archive) const {
        archive(cereal::make_size_tag(words.size()));
        for (const auto& word : words) archive(word);
    }
    template <class Archive>
    void load(Archive& archive) {
        std::size_t size = 0;
        archive(cereal::make_size_tag(size));
        words.resize(size);
        for (auto& word : words) archive(word);
    }
};

TEST(json, types_that_only_cereal_knows_go_its_way) {
    expect_json(std::complex<double>(1, 2), R"({"real":1,"imag":2})");
    expect_json(std::bitset<4>(5), R"({"type":0,"data":5})");
    expect_json(counted{{"a", "b"}}, R"(["a","b"])");
    expect_json(counted{}, "[]");
}

struct same_name_twice {
    template <class Archive>
    void serialize(Archive& archive) {
        int a = 0;
        archive(cereal::make_nvp("a\"", a), cereal::make_nvp("a\"", a));
    }
};

TEST(json, what_json_cannot_say_is_refused_with_its_place) {
    using list = std::vector<std::tuple<stats, double>>;
    EXPECT_EQ(refusal(list{{stats{}, 1.0}, {stats{}, std::nan("")}}), "cannot write as JSON: [1][1]: JSON has no NaN");
    EXPECT_EQ(refusal(-std::numeric_limits<float>::infinity()), "cannot write as JSON: JSON has no infinity");
    EXPECT_EQ(refusal(list{{stats{"ab\xff", 0}, 1.0}}),
              "cannot write as JSON: [0][0].path: the text is not UTF-8 (at its byte 2); send bytes as sheaf::bytes");
    EXPECT_EQ(refusal(std::map<std::string, int>{{"\xc0\x80", 1}}),
              "cannot write as JSON: the text is not UTF-8 (at its byte 0); send bytes as sheaf::bytes");
    EXPECT_EQ(refusal(same_name_twice{}), R"(cannot write as JSON: ["a\""]: two fields of the class have this name)");
}

TEST(json, text_that_is_nearly_utf8_is_refused) {
    for (const std::string bad : {"\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                                  "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xf0\x9f\x98"}) {
        EXPECT_THROW((void)to_json(bad), sheaf::encode_error) << testing::PrintToString(bad);
        EXPECT_THROW((void)from_json<std::string>('"' + bad + '"'), sheaf::decode_error) << testing::PrintToString(bad);
    }
}

}  // namespace
