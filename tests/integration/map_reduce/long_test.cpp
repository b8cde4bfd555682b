// Gigabytes: counted and sorted right, within bounds of memory. Minutes on a slow machine, so it is a long test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "odd_inputs.hpp"
#include "text_maker.hpp"
#include "word_count.hpp"

namespace sheaf::test {
namespace {

constexpr std::uint64_t gibi = 1U << 30;

void count_a_gibibyte(word_count_place& place, const std::string& text, unsigned copies) {
    place.add_input("0", text);
    for (unsigned i = 1; i < copies; ++i) {
        std::filesystem::create_hard_link(place.input() / "0", place.input() / std::to_string(i));
    }
    for (auto& [word, count] : place.expected) count *= copies;
    process driver(place.program_over_input());
    const std::uint64_t peak = watch_memory(driver).together;
    expect_counted(finish(driver), place);
    EXPECT_LT(peak, gibi);
    std::cout << "peak memory: " << peak / 1024 / 1024 << " MiB\n" << driver.error_output();
}

TEST(word_count_of_a_gibibyte, of_few_words_takes_less_memory_than_that) {
    word_count_place place;
    count_a_gibibyte(place, text_maker(1).prose(gibi / 16), 16);
}

TEST(word_count_of_a_gibibyte, of_many_different_words_takes_less_memory_than_that) {
    word_count_place place;
    count_a_gibibyte(place, text_maker(2).distinct_words(gibi / 8), 8);
}

TEST(odd_inputs_of_full_size, half_of_ten_million_records_may_have_one_key) {
    sort_records_of_one_key(10'000'000, "64MiB", 64 * mebi);
}

TEST(odd_inputs_of_full_size, may_be_a_hundred_thousand_files) { count_words_of_tiny_files(100'000, "100,000"); }

TEST(odd_inputs_of_full_size, may_be_a_file_of_4_gib_without_a_newline) { count_words_of_an_endless_line(4096, {}); }

}  // namespace
}  // namespace sheaf::test
