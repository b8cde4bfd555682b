// What the program of the tests of detached runs offers: three stages, which note on the disk that they run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sheaf/pipeline.hpp>
#include <sheaf/task.hpp>

namespace sheaf::test {

/// The numbers below the argument.
inline constexpr task<"detached.spread", std::vector<std::uint64_t>(std::uint64_t)> spread_numbers{};
inline constexpr task<"detached.square", std::uint64_t(std::uint64_t)> square_number{};
inline constexpr task<"detached.add", std::uint64_t(std::vector<std::uint64_t>)> add_numbers{};
/// Throws, when the number is odd; ends its worker, when it is 1000.
inline constexpr task<"detached.halve", std::uint64_t(std::uint64_t)> halve_number{};

/// Waits until it is told to stop, and notes that.
inline constexpr task<"detached.linger", std::uint64_t(std::uint64_t)> linger{};

/// Where handlers note what they begin: a line "TASK NUMBER PID" for each.
inline constexpr const char* notes_variable = "DETACHED_NOTES";

inline auto sum_of_squares() {
    return pipeline("sum.of.squares") | stage(spread_numbers) | each(square_number) | stage(add_numbers);
}
inline auto lingering() { return pipeline("lingering") | stage(linger); }
inline auto halves() { return pipeline("halves") | stage(halve_number); }

inline std::uint64_t sum_of_squares_here(std::uint64_t below) {
    std::uint64_t sum = 0;
    for (std::uint64_t number = 0; number < below; ++number) sum += number * number;
    return sum;
}

}  // namespace sheaf::test
