// A gigabyte: counted right, within bounds of memory. Minutes on a slow machine, so only with SHEAF_LONG_TESTS.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process_tree.hpp"
#include "text_maker.hpp"
#include "word_count.hpp"

namespace sheaf::test {
namespace {

constexpr std::uint64_t gibi = 1U << 30;

bool long_tests_wanted() {
    const char* const value = std::getenv("SHEAF_LONG_TESTS");
    return value != nullptr && *value != '\0';
}

// Anonymous and shared memory of a process, in bytes: what it takes from others. Pages of mapped files that nobody has
// changed do not count; the system takes them back when it needs them.
std::uint64_t memory_taken_by(pid_t process) {
    std::ifstream smaps("/proc/" + std::to_string(process) + "/smaps_rollup");
    std::uint64_t kib = 0;
    std::string line;
    while (std::getline(smaps, line)) {
        for (const char* kind : {"Anonymous:", "Pss_Shmem:"}) {
            if (line.starts_with(kind)) kib += std::stoull(line.substr(std::string(kind).size()));
        }
    }
    return kib * 1024;
}

// Runs to the end and returns the most memory that driver and workers took together.
std::uint64_t peak_of(process& driver) {
    std::uint64_t peak = 0;
    while (!driver.wait(std::chrono::milliseconds(20))) {
        std::uint64_t now = memory_taken_by(driver.pid());
        for (const pid_t worker : descendants_of(driver.pid())) now += memory_taken_by(worker);
        peak = std::max(peak, now);
    }
    return peak;
}

void count_a_gibibyte(word_count_place& place, const std::string& text, unsigned copies) {
    place.add_input("0", text);
    for (unsigned i = 1; i < copies; ++i) {
        std::filesystem::create_hard_link(place.input() / "0", place.input() / std::to_string(i));
    }
    for (auto& [word, count] : place.expected) count *= copies;
    process driver(place.program_over_input());
    const std::uint64_t peak = peak_of(driver);
    expect_counted(finish(driver), place);
    EXPECT_LT(peak, gibi);
    std::cout << "peak memory: " << peak / 1024 / 1024 << " MiB\n" << driver.error_output();
}

TEST(word_count_of_a_gibibyte, of_few_words_takes_less_memory_than_that) {
    if (!long_tests_wanted()) return;
    word_count_place place;
    count_a_gibibyte(place, text_maker(1).prose(gibi / 16), 16);
}

TEST(word_count_of_a_gibibyte, of_many_different_words_takes_less_memory_than_that) {
    if (!long_tests_wanted()) return;
    word_count_place place;
    count_a_gibibyte(place, text_maker(2).distinct_words(gibi / 8), 8);
}

}  // namespace
}  // namespace sheaf::test
