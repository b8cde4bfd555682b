// Keys of all types as bytes: the order of the bytes is the order of the keys, and the bytes give the key back.

#include <array>
#include <chrono>
#include <cmath>
#include <compare>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "support/random_text.hpp"
#include <sheaf/detail/key_codec.hpp>

namespace sheaf::detail {
namespace {

using namespace std::string_literals;

// Each key's bytes come back as the key, and each two keys compare as their bytes do.
template <class K>
void expect_natural_order(const std::vector<K>& keys) {
    for (const K& a : keys) {
        const std::string a_bytes = key_bytes<K>(a);
        EXPECT_TRUE(key_codec<K>::read(a_bytes) == a);
        for (const K& b : keys) {
            const std::string b_bytes = key_bytes<K>(b);
            EXPECT_EQ(a < b, a_bytes < b_bytes) << testing::PrintToString(a) << " and " << testing::PrintToString(b);
            EXPECT_EQ(a == b, a_bytes == b_bytes) << testing::PrintToString(a) << " and " << testing::PrintToString(b);
        }
    }
}

TEST(ordered_key, integers) {
    expect_natural_order<std::int32_t>({0, -1, 1, 255, 256, -256, -257, INT32_MIN, INT32_MAX});
    expect_natural_order<std::uint64_t>({0, 1, 255, 256, 65536, UINT64_MAX});
    expect_natural_order<std::int64_t>({0, -1, 1, INT64_MIN, INT64_MAX});
    expect_natural_order<std::int8_t>({0, -1, 1, -128, 127});
    expect_natural_order<std::int16_t>({0, -1, 1, -300, 300});
    EXPECT_THROW((void)key_codec<std::int32_t>::read("abc"), malformed_record);
    EXPECT_THROW((void)key_codec<std::int32_t>::read("abcde"), malformed_record);
}

TEST(ordered_key, floating_point_with_infinities_and_one_zero_and_one_nan) {
    using limits = std::numeric_limits<double>;
    expect_natural_order<double>({0.0, 1.0, -1.0, 1e300, -1e300, limits::min(), -limits::min(), limits::denorm_min(),
                                  -limits::denorm_min(), limits::infinity(), -limits::infinity()});
    expect_natural_order<float>({0.0F, 1.5F, -1.5F, 1e-40F, -1e-40F});
    EXPECT_EQ(key_bytes<double>(-0.0), key_bytes<double>(0.0));
    EXPECT_EQ(key_bytes<double>(limits::quiet_NaN()), key_bytes<double>(-limits::quiet_NaN()));
    EXPECT_LT(key_bytes<double>(limits::infinity()), key_bytes<double>(limits::quiet_NaN()));
    EXPECT_TRUE(std::isnan(key_codec<double>::read(key_bytes<double>(limits::quiet_NaN()))));
}

enum class level : std::int8_t { low = -1, middle, high };

TEST(ordered_key, enums_and_truth_values) {
    expect_natural_order<level>({level::high, level::low, level::middle});
    expect_natural_order<bool>({false, true});
}

TEST(ordered_key, texts_inside_of_others_with_zeros_in_them) {
    using key = std::pair<std::string, std::string>;
    std::vector<key> keys;
    const std::vector<std::string> texts = {"",    "a",  "a\0"s, "a\0\0"s, "a\0b"s,   "a\xff",
                                            "a\1", "ab", "\0"s,  "\xff",   "a\0\xff"s};
    for (const std::string& first : texts) {
        for (const std::string& second : texts) keys.emplace_back(first, second);
    }
    expect_natural_order(keys);
}

TEST(ordered_key, containers_and_their_like) {
    expect_natural_order<std::vector<std::uint16_t>>({{}, {0}, {0, 0}, {1}, {0, 1}, {256}});
    expect_natural_order<std::vector<std::string>>({{}, {""}, {"", ""}, {"a"}, {"a", "b"}, {"ab"}});
    expect_natural_order<std::array<std::int32_t, 2>>({{0, 1}, {0, -1}, {-1, 5}});
    expect_natural_order<std::optional<std::int32_t>>({std::nullopt, -1, 0, 7});
    expect_natural_order<std::variant<int, std::string>>({-1, 1, "", "a", "1"});
    expect_natural_order<std::tuple<bool, std::string, double>>({{true, "", 0}, {false, "x", 0}, {false, "x", -1}});
    expect_natural_order<std::set<int>>({{}, {1}, {1, 2}, {2}});
    expect_natural_order<std::map<std::string, int>>({{}, {{"a", 1}}, {{"a", 2}}, {{"a", 1}, {"b", 0}}});
    using namespace std::chrono;
    expect_natural_order<milliseconds>({milliseconds(-5), milliseconds(0), milliseconds(5)});
    expect_natural_order<system_clock::time_point>({system_clock::time_point(), system_clock::time_point(hours(1))});
}

struct place {
    std::uint16_t region = 0;
    std::int32_t code = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(region, code);
    }
    friend auto operator<=>(const place&, const place&) = default;
};

struct visit {
    std::string host;
    place at;
    double when = 0;

    friend auto operator<=>(const visit&, const visit&) = default;
};
template <class Archive>
void save(Archive& archive, const visit& of) {
    archive(cereal::make_nvp("host", of.host), of.at);
    archive& of.when;
}
template <class Archive>
void load(Archive& archive, visit& of) {
    archive(cereal::make_nvp("host", of.host), of.at);
    archive& of.when;
}

TEST(ordered_key, classes_by_their_own_cereal_functions) {
    expect_natural_order<place>({{0, 0}, {1, -5}, {1, 5}, {256, 0}, {0, INT32_MIN}});
    expect_natural_order<visit>(
        {{"a", {1, 1}, 0.5}, {"a", {1, 1}, -0.5}, {"", {2, 0}, 0}, {"ab", {0, 0}, 0}, {"a", {0, 7}, 9}});
}

TEST(ordered_key, a_small_class_is_a_short_key_with_no_memory_touched) {
    std::string scratch = "as it was";
    const ordered_output written = key_codec<place>::write({258, -1}, scratch);
    ASSERT_TRUE(written.is_short());
    char bytes[16];
    EXPECT_EQ(written.bytes(bytes), "\1\2\x7f\xff\xff\xff"s);
    EXPECT_TRUE(written.packed() == short_key::of(bytes, 6));
    EXPECT_EQ(scratch, "as it was");
}

TEST(ordered_key, keys_around_the_size_of_a_short_one) {
    using key = std::array<std::uint8_t, 15>;
    EXPECT_EQ(key_bytes<key>(key{1, 2, 3}).size(), 15u);
    using two = std::array<std::uint64_t, 2>;
    EXPECT_EQ(key_bytes<two>(two{0x0102030405060708, 0x1112131415161718}),
              "\1\2\3\4\5\6\7\x08\x11\x12\x13\x14\x15\x16\x17\x18"s);
    using fifteen = std::tuple<std::uint64_t, std::uint32_t, std::uint16_t, std::uint8_t>;
    EXPECT_EQ(key_codec<fifteen>::read(key_bytes<fifteen>({1, 2, 3, 4})), fifteen(1, 2, 3, 4));
}

TEST(ordered_key, the_end_of_a_delimited_key_is_found_whatever_follows) {
    for (const std::string& key : {""s, "a"s, "a\0"s, "\0\0"s, "a longer key"s}) {
        std::string bytes;
        key_codec<std::string>::append_delimited(bytes, key);
        const std::size_t size = bytes.size();
        bytes += "\xff\0rest"s;
        EXPECT_EQ(key_codec<std::string>::delimited_size(bytes), size);
        std::string scratch;
        EXPECT_EQ(key_codec<std::string>::undelimited(bytes, scratch), key);
    }
    EXPECT_EQ(key_codec<std::int32_t>::delimited_size("12345"), 4u);
}

TEST(ordered_key, bytes_that_are_no_key_are_refused) {
    using texts = std::vector<std::string>;
    const std::string good = key_bytes<texts>({"a", "b\0c"s});
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_THROW((void)key_codec<texts>::read(good.substr(0, size)), malformed_record) << size;
    }
    EXPECT_THROW((void)key_codec<texts>::read(good + "x"), malformed_record);
    EXPECT_THROW((void)key_codec<std::optional<int>>::read("\2"), malformed_record);
    EXPECT_THROW((void)(key_codec<std::variant<int, bool>>::read("\7")), malformed_record);
    EXPECT_THROW((void)(key_codec<std::pair<std::string, int>>::read("a\0\1b\0\0____"s)), malformed_record);
}

}  // namespace
}  // namespace sheaf::detail
