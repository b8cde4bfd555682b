// The clustering's command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>

struct options {
    std::size_t clusters = 12;
    std::uint32_t shards = 16;
    std::size_t points = 100'000;  // of each shard
    std::uint64_t seed = 8;
    double tolerance = 100;     // settled: no centroid moves farther; the square's side is a million
    unsigned iterations = 100;  // at most
};

// The options, or the status to exit with when there is nothing to do: after --help, or a mistake that has been explained.
std::variant<options, int> read_options(std::span<const std::string> arguments);
