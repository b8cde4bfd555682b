// Made-up input, the same for the same seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace sheaf::test {

class text_maker {
  public:
    explicit text_maker(std::uint64_t seed) : random_(seed) {}

    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    /// Words of 1 to 12 letters, mostly few different ones, in lines of all lengths with all kinds of blanks between them.
    std::string prose(std::size_t bytes) {
        std::string text;
        text.reserve(bytes + 32);
        while (text.size() < bytes) {
            // Small numbers are frequent: the product of three draws.
            append_word(text, below(64) * below(64) * below(16));
            text += below(12) == 0 ? '\n' : " \t \r  \f "[below(8)];
        }
        text.resize(bytes);
        return text;
    }
    /// Nearly as many different words as there are words.
    std::string distinct_words(std::size_t bytes) {
        std::string text;
        text.reserve(bytes + 32);
        while (text.size() < bytes) {
            append_word(text, random_());
            text += below(8) == 0 ? '\n' : ' ';
        }
        text.resize(bytes);
        return text;
    }
    /// Any bytes at all.
    std::string garbage(std::size_t bytes) {
        std::string text(bytes, '\0');
        for (char& byte : text) byte = static_cast<char>(random_());
        return text;
    }

  private:
    static void append_word(std::string& text, std::uint64_t number) {
        do {
            text += static_cast<char>('a' + number % 26);
            number /= 26;
        } while (number != 0);
    }

    std::mt19937_64 random_;
};

}  // namespace sheaf::test
