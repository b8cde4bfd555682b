// Random inputs for tests, and the seed that they come from.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace sheaf::test {

/// The seed of a test's random inputs: SHEAF_SEED, or one that differs each time. To be shown with SCOPED_TRACE.
inline std::uint64_t random_seed() {
    const char* const given = std::getenv("SHEAF_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

/// Words of a few to many letters, some often and some once, some longer than a table keeps in place, in lines of all lengths.
inline std::string random_text(std::mt19937_64& random, std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) {
        const std::uint64_t choice = random() % 1000;
        std::string word = "w" + std::to_string(random() % (choice < 500 ? 20 : 2000));
        if (choice % 10 == 0) word += std::string(random() % 40, static_cast<char>('a' + random() % 26));
        if (choice == 999) word.append(random() % 3000, 'x');
        text += word;
        text += choice % 7 == 0 ? '\n' : ' ';
        if (choice == 1) text += "\n\n";
    }
    if (random() % 2 == 0 && text.back() == '\n') text.pop_back();
    return text;
}

}  // namespace sheaf::test
