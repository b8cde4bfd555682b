// The tasks that the worker of these tests offers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sheaf/map_reduce.hpp>
#include <sheaf/task.hpp>

namespace sheaf::test {

struct reading {
    std::uint64_t number = 0;
    std::vector<std::uint64_t> digits;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(number), CEREAL_NVP(digits));
    }
};

/// The number's digits.
inline constexpr task<"pipe.read", reading(std::uint64_t)> read_number{};
/// The sum of the digits.
inline constexpr task<"pipe.sum", std::uint64_t(reading)> sum_digits{};
inline constexpr task<"pipe.show", std::string(std::uint64_t)> show{};
/// Ends the worker's process when the number is divisible by 100.
inline constexpr task<"pipe.kill", std::uint64_t(std::uint64_t)> survive{};

/// How often each word comes.
inline constexpr map_reduce<"pipe.words", std::string, std::uint64_t> count_words{};

inline reading read_number_here(std::uint64_t number) {
    reading made{number, {}};
    for (std::uint64_t left = number; left != 0; left /= 10) made.digits.push_back(left % 10);
    return made;
}
inline std::uint64_t sum_digits_here(const reading& of) {
    std::uint64_t sum = 0;
    for (const std::uint64_t one : of.digits) sum += one;
    return sum;
}
inline std::string show_here(std::uint64_t sum) { return "<" + std::to_string(sum) + ">"; }

}  // namespace sheaf::test
