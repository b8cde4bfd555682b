// The log analysis's command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>

struct options {
    std::uint32_t days = 14;
    std::size_t lines = 50'000;  // of each day
    std::uint32_t missing = 0;   // days whose log is not there
    std::size_t top = 5;
    std::uint64_t seed = 1;
    bool draw = false;
};

// The options, or the status to exit with when there is nothing to do: after --help, or a mistake that has been explained.
std::variant<options, int> read_options(std::span<const std::string> arguments);
