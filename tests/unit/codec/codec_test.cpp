#include <limits>
#include <string>

#include <sheaf/codec.hpp>

// Cereal's own functions for the same types must not get in the way.
#include <cereal/types/array.hpp>
#include <cereal/types/bitset.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/memory.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>
#include <gtest/gtest.h>

#include "support/wire_shapes.hpp"

namespace {

using namespace sheaf::test;
using sheaf::decode;
using sheaf::encode;
using std::chrono::milliseconds;
using std::chrono::system_clock;

std::string bytes(std::initializer_list<int> values) {
    std::string text;
    for (const int value : values) text.push_back(static_cast<char>(value));
    return text;
}

template <class T>
void expect_round_trip(const T& value) {
    const std::string encoded = encode(value);
    EXPECT_TRUE(decode<T>(encoded) == value);
    EXPECT_EQ(encode(decode<T>(encoded)), encoded);
    // In a class the value goes by way of the cereal archive.
    std::string by_archive;
    sheaf::codec::output_archive archive(by_archive);
    archive(value);
    EXPECT_EQ(by_archive, encoded);
    T back{};
    sheaf::codec::input_archive input(encoded);
    input(back);
    EXPECT_TRUE(back == value);
    EXPECT_EQ(input.left(), 0U);
}

tree some_tree() {
    tree root{1, {}, std::make_unique<tree>()};
    root.spare->value = -5;
    root.children.emplace_back().value = 2;
    root.children.emplace_back().children.resize(3);
    return root;
}

TEST(codec, every_kind_of_type_comes_back_as_it_was) {
    expect_round_trip(true);
    expect_round_trip(std::numeric_limits<std::int64_t>::min());
    expect_round_trip(-0.5F);
    expect_round_trip(color::blue);
    expect_round_trip(std::string("with\0zero", 9));
    expect_round_trip(associations{{{"a", 1}, {"b", -1}}, {{5, "five"}}, {{1, 1}, {1, 2}}, {"x", "y"}, {3, 3}});
    expect_round_trip(sequences{
        {0.5, -1}, {true, false, true}, {"", "long enough for the heap, surely"}, {color::green}, {{'a', 'b'}}});
    for (const choices& one : {choices{}, choices{7}, choices{"text"}, choices{std::optional<stats>{}},
                               choices{std::optional<stats>{{"p", 3}}}, choices{std::pair{true, 'c'}}}) {
        expect_round_trip(one);
    }
    expect_round_trip(times{milliseconds(-3), 0.25, system_clock::time_point(system_clock::duration(12345678))});
    classes all;
    std::get<0>(all).path = "/etc";
    std::get<0>(all).rank = color::green;
    std::get<0>(all).weights[1] = 2.5;
    std::get<1>(all) = split_functions("text");
    std::get<2>(all).value = 9;
    std::get<3>(all).value = -9;
    expect_round_trip(all);
    expect_round_trip(some_tree());
    expect_round_trip(std::vector<nothing>(3));
}

TEST(codec, a_class_version_reaches_the_reader) { EXPECT_EQ(decode<versioned>(encode(versioned{3})).version_seen, 7U); }

TEST(codec, types_that_only_cereal_knows_go_its_way) { expect_round_trip(std::bitset<12>(0x5a5)); }

// These bytes are on the wire and on disks.
TEST(codec, the_encoding_is_the_documented_one) {
    EXPECT_EQ(encode(std::uint32_t{0x01020304}), bytes({4, 3, 2, 1}));
    EXPECT_EQ(encode(1.0), bytes({0, 0, 0, 0, 0, 0, 0xf0, 0x3f}));
    EXPECT_EQ(encode(color::blue), bytes({2}));
    EXPECT_EQ(encode(std::string("ab")), bytes({2, 'a', 'b'}));
    EXPECT_EQ(encode(std::string(300, 'x')).substr(0, 3), bytes({0xac, 2, 'x'}));
    EXPECT_EQ(encode(std::vector<std::int16_t>{1, -1}), bytes({2, 1, 0, 0xff, 0xff}));
    EXPECT_EQ(encode(std::array<std::uint8_t, 2>{8, 9}), bytes({8, 9}));
    EXPECT_EQ(encode(std::map<std::uint8_t, bool>{{7, true}}), bytes({1, 7, 1}));
    EXPECT_EQ(encode(std::optional<std::uint8_t>{}), bytes({0}));
    EXPECT_EQ(encode(std::make_unique<std::uint8_t>(std::uint8_t{6})), bytes({1, 6}));
    EXPECT_EQ(encode(choices{std::pair{true, 'c'}}), bytes({4, 1, 'c'}));
    EXPECT_EQ(encode(milliseconds(2)), bytes({2, 0, 0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(encode(stats{"p", 3}), bytes({1, 'p', 3, 0, 0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(encode(nothing{}), "");
}

TEST(codec, values_are_read_from_the_front_one_after_the_other) {
    std::string all;
    sheaf::encode_to(all, std::string("key"));
    sheaf::encode_to(all, stats{"p", 3});
    std::string key;
    stats value;
    const std::size_t used = sheaf::decode_front(all, key);
    EXPECT_EQ(used + sheaf::decode_front(std::string_view(all).substr(used), value), all.size());
    EXPECT_EQ(key, "key");
    EXPECT_EQ(value, (stats{"p", 3}));
}

TEST(codec, decoding_replaces_what_a_value_held) {
    std::tuple<std::vector<int>, std::map<int, int>, std::optional<int>, std::string> value{{1, 2}, {{1, 1}}, 5, "old"};
    sheaf::decode_into(encode(decltype(value){}), value);
    EXPECT_EQ(value, decltype(value){});
}

}  // namespace
