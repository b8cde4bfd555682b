// The word count's command line.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

struct options {
    std::vector<std::string> inputs;
    std::string output;
    std::uint64_t top = 0;         // how many of the most frequent words to print
    std::uint32_t partitions = 0;  // 0: as many as fit
    std::uint64_t memory = 0;      // bytes per worker; 0: as many as fit
};

// The options, or the status to exit with when there is nothing to do: after --help, or a mistake that has been explained.
std::variant<options, int> read_options(std::span<const std::string> arguments);
