// Inputs that are not what one would wish for, of any size, and what must come of them: right output, bounded memory, and a report that says
// what was odd.
#pragma once

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include "memory_watch.hpp"
#include "word_count.hpp"

namespace sheaf::test {

inline constexpr std::uint64_t mebi = 1U << 20;

/// No process may take more than its budget and this.
inline constexpr std::uint64_t beyond_budget = 64 * mebi;

/// Runs the program to its end. Its report, for what is to be in it.
inline std::string report_of(command what, std::uint64_t budget) {
    process driver(std::move(what));
    const memory_peaks peaks = watch_memory(driver);
    const outcome ended = finish(driver);
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_LT(peaks.largest, budget + beyond_budget) << ended.err;
    std::cout << "largest process: " << peaks.largest / mebi << " MiB\n" << ended.err;
    return ended.err;
}

/// Sorts so many records of 100 bytes of which half have one key.
inline void sort_records_of_one_key(std::uint64_t records, const std::string& budget_text, std::uint64_t budget) {
    const word_count_place place;
    const std::string input = place / "records";
    {
        std::ofstream file(input, std::ios::binary);
        std::mt19937_64 random(5);
        std::string record(100, ' ');
        for (std::uint64_t i = 0; i < records; ++i) {
            char key[32];
            std::snprintf(key, sizeof key, "%010llu", static_cast<unsigned long long>(random() % 10'000'000'000));
            record.replace(0, 10, i % 2 == 0 ? std::string("everywhere") : std::string(key));
            std::snprintf(key, sizeof key, "%020llu", static_cast<unsigned long long>(i));
            record.replace(20, 20, key, 20);
            file << record;
        }
    }
    const std::string output = place / "sorted";
    command what = place.program({"--memory", budget_text, "--output", output, input});
    what.arguments.front() = program("examples/recordsort");
    const std::string report = report_of(what, budget);
    EXPECT_THAT(report, testing::ContainsRegex("odd +About (4[5-9]|5[0-5])% of what the mappers emitted has the key "
                                               "'everywhere', and one reducer had to take all of it"));
    const auto validated = [&](const std::string& file) {
        command validate = place.program({"--validate", file});
        validate.arguments.front() = program("examples/recordsort");
        return run(validate);
    };
    const outcome seen = validated(output);
    EXPECT_EQ(seen.code, 0) << "it is not sorted: " << seen.out;
    const auto checksum_in = [](const std::string& text) { return text.substr(text.find("checksum=")); };
    EXPECT_EQ(checksum_in(seen.out), checksum_in(validated(input).out)) << "they are not the records of the input";
}

/// Counts the words of so many files of two words each.
inline void count_words_of_tiny_files(unsigned files, const std::string& files_text) {
    word_count_place place;
    for (unsigned i = 0; i < files; ++i) {
        const auto directory = place.input() / std::to_string(i / 1000);
        if (i % 1000 == 0) std::filesystem::create_directories(directory);
        std::ofstream(directory / std::to_string(i)) << "file " << i << '\n';
        place.expected.emplace(std::to_string(i), 1);
    }
    place.expected["file"] = files;
    const std::string report = report_of(place.program_over_input({"--memory", "64MiB"}), 64 * mebi);
    EXPECT_THAT(report, testing::HasSubstr("odd       The input is " + files_text + " files of "));
    EXPECT_THAT(report, testing::HasSubstr("put many of them into one"));
    expect_equal(read_counts(place.output()), place.expected);
}

/// Counts the words of one file without a newline, a mebibyte so many times.
inline void count_words_of_an_endless_line(std::uint64_t mebibytes, const std::vector<std::string>& options) {
    word_count_place place;
    std::string part;
    for (std::uint64_t i = 0; part.size() < mebi; ++i) part += "w" + std::to_string(i * i % 9973) + ' ';
    part.resize(mebi - 1, 'x');
    part += ' ';
    count_words(part, place.expected);
    for (auto& [word, count] : place.expected) count *= mebibytes;
    std::filesystem::create_directories(place.input());
    {
        std::ofstream file(place.input() / "endless", std::ios::binary);
        for (std::uint64_t i = 0; i < mebibytes; ++i) file << part;
    }
    std::vector<std::string> all{"--memory", "64MiB"};
    all.insert(all.end(), options.begin(), options.end());
    const std::string report = report_of(place.program_over_input(all), 64 * mebi);
    EXPECT_THAT(report, testing::ContainsRegex("odd +'.*/endless' has a record that begins before byte .* and ends at "
                                               "byte " +
                                               std::to_string(mebibytes * mebi)));
    EXPECT_THAT(report, testing::HasSubstr("see sheaf::word_files()"));
    expect_equal(read_counts(place.output()), place.expected);
}

}  // namespace sheaf::test
