// The hash that every build and machine must compute alike, and keys packed into two words.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <sheaf/detail/key_codec.hpp>
#include <sheaf/detail/stable_hash.hpp>

namespace sheaf::detail {
namespace {

// The definition in stable_hash.hpp, byte by byte.
std::uint64_t hash_by_definition(std::string_view key) {
    __extension__ using wide = unsigned __int128;
    const auto word = [](std::string_view bytes, std::size_t at) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 8; ++i)
            value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
        return value;
    };
    const auto product_folded = [](std::uint64_t a, std::uint64_t b) {
        const wide product = static_cast<wide>(a) * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    };
    if (key.size() <= 15) {
        std::string padded(key);
        padded.resize(15, '\0');
        padded += static_cast<char>(key.size());
        return product_folded(word(padded, 0) ^ 0x9e3779b97f4a7c15, word(padded, 8) ^ 0xd1342543de82ef95);
    }
    std::uint64_t h = key.size() * 0xaf251af3b0f025b5;
    std::vector<std::size_t> steps;
    for (std::size_t at = 0; at < key.size() - 16; at += 16) steps.push_back(at);
    steps.push_back(key.size() - 16);
    for (const std::size_t at : steps) {
        h = product_folded(word(key, at) ^ 0x9e3779b97f4a7c15 ^ h, word(key, at + 8) ^ 0xd1342543de82ef95);
    }
    return h;
}

TEST(stable_hash, golden_values_never_change) {
    EXPECT_EQ(stable_hash(std::string_view("")), 0x7a7f4014f9e08e15);
    EXPECT_EQ(stable_hash(std::string_view("a")), 0xa923d5da0ccea97a);
    EXPECT_EQ(stable_hash(std::string_view("fifteen letters")), 0xfc95a433402c38b1);
    EXPECT_EQ(stable_hash(std::string_view("sixteen letters!")), 0xfaccca0cb3d840c);
    EXPECT_EQ(stable_hash(std::string_view("a key that is longer than two steps")), 0x35d2569902d44809);
}

TEST(stable_hash, is_what_its_definition_says_wherever_the_key_lies_in_a_page) {
    std::string pages(3 * 4096, '\0');
    for (std::size_t i = 0; i < pages.size(); ++i) pages[i] = static_cast<char>(i * 7 + i / 251);
    for (std::size_t length = 0; length <= 70; ++length) {
        for (std::size_t at = 4096; at<8192 + 40; at += at % 4096> 4000 || at % 4096 < 40 ? 1 : 61) {
            const std::string_view key(pages.data() + at, length);
            ASSERT_EQ(stable_hash(key), hash_by_definition(key)) << length << " bytes at " << at;
        }
    }
}

TEST(stable_hash, numbers_and_words_spread_evenly_over_partitions_and_places) {
    constexpr std::uint32_t bins = 64;
    constexpr std::size_t keys = 64'000;
    std::vector<std::string> numbers;
    std::vector<std::string> words;
    std::vector<std::string> padded;
    for (std::size_t i = 0; i < keys; ++i) {
        numbers.push_back(key_bytes<std::uint64_t>(i));
        words.push_back("word" + std::to_string(i));
        padded.push_back("a rather long prefix of keys " + std::to_string(i));
    }
    for (const auto* set : {&numbers, &words, &padded}) {
        std::vector<std::size_t> partitions(bins);
        std::vector<std::size_t> places(bins);
        for (const std::string& key : *set) {
            const std::uint64_t hash = stable_hash(std::string_view(key));
            ++partitions[partition_of(hash, bins)];
            ++places[hash % bins];
        }
        for (const auto* counts : {&partitions, &places}) {
            EXPECT_GT(*std::min_element(counts->begin(), counts->end()), keys / bins / 2) << set->front();
            EXPECT_LT(*std::max_element(counts->begin(), counts->end()), keys / bins * 2) << set->front();
        }
    }
}

TEST(short_key, compares_as_its_bytes_do_zeros_and_lengths_included) {
    std::vector<std::string> keys = {"",     "a",    "b",        "ab",        "a\xff",
                                     "\x7f", "\x80", "abcdefgh", "abcdefghi", "abcdefghijklmno"};
    keys.emplace_back("a\0", 2);
    keys.emplace_back("a\0\0", 3);
    keys.emplace_back("\0", 1);
    keys.emplace_back("abcdefgh\0", 9);
    for (const std::string& a : keys) {
        for (const std::string& b : keys) {
            const short_key x = short_key::of(a.data(), a.size());
            const short_key y = short_key::of(b.data(), b.size());
            const bool less = x.low != y.low ? x.prefix() < y.prefix() : x.suffix() < y.suffix();
            EXPECT_EQ(less, a < b) << a << " and " << b;
            EXPECT_EQ(x == y, a == b);
        }
        char bytes[16];
        const short_key packed = short_key::of(a.data(), a.size());
        packed.store(bytes);
        EXPECT_EQ(std::string_view(bytes, packed.size()), a);
    }
}

}  // namespace
}  // namespace sheaf::detail
