// Splitting into words 64 bytes at a time gives what splitting byte by byte gives.

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "unit/exchange/run_fixture.hpp"
#include <sheaf/words.hpp>

namespace sheaf {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for_each_word(text, [&words](std::string_view word) { words.push_back(word); });
    return words;
}

std::vector<std::string_view> words_byte_by_byte(std::string_view text) {
    std::vector<std::string_view> words;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && static_cast<unsigned char>(text[i]) > ' ') continue;
        if (i > begin) words.push_back(text.substr(begin, i - begin));
        begin = i + 1;
    }
    return words;
}

TEST(for_each_word, finds_the_words_that_reading_byte_by_byte_finds) {
    const std::uint64_t seed = test::random_seed();
    SCOPED_TRACE("SHEAF_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    using namespace std::string_view_literals;
    constexpr std::string_view blank = " \n\t\r\0\x1f"sv;
    constexpr std::string_view solid = "ab!\xc3\xa4\x7f\x80\xff"sv;
    for (int round = 0; round < 2000; ++round) {
        std::string text(random() % 400, ' ');
        const std::size_t blanks = 1 + random() % 60;
        for (char& byte : text) {
            byte = random() % blanks == 0 ? blank[random() % blank.size()] : solid[random() % solid.size()];
        }
        const std::string_view view = std::string_view(text).substr(random() % (text.size() + 1));
        ASSERT_EQ(words_of(view), words_byte_by_byte(view)) << "round " << round;
    }
}

TEST(for_each_word, a_text_without_words_and_one_that_is_a_single_word) {
    EXPECT_TRUE(words_of("").empty());
    EXPECT_TRUE(words_of(std::string(300, '\n')).empty());
    const std::string word(300, 'x');
    EXPECT_EQ(words_of(word), std::vector<std::string_view>{word});
}

}  // namespace
}  // namespace sheaf
