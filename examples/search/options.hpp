// The search's command line.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

struct options {
    std::vector<std::string> words;
    std::uint32_t shards = 8;
    std::size_t top = 5;
    std::chrono::milliseconds deadline{500};
    std::chrono::milliseconds hedge{0};  // 0: never
    std::optional<std::uint32_t> hang;   // the shard that hangs
};

// The options, or the status to exit with when there is nothing to do: after --help, or a mistake that has been explained.
std::variant<options, int> read_options(std::span<const std::string> arguments);
