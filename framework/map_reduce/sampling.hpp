// Ranges of keys from samples of the input. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <sheaf/detail/input_piece.hpp>

namespace sheaf::detail {

/// How much of its pieces a sample unit looks at, at most.
inline constexpr std::uint64_t sample_bytes_max = 1U << 20;

/// The pieces that each sample unit looks at: parts of splits that are spread evenly over the input.
[[nodiscard]] std::vector<std::vector<input_piece>> plan_samples(const std::vector<std::vector<input_piece>>& splits,
                                                                 std::size_t slots);

/// How many keys one of `samples` units should give.
[[nodiscard]] std::uint32_t sample_keys_max(std::uint32_t partitions, std::size_t samples);

struct range_choice {
    std::vector<std::string> boundaries;  ///< ascending, each once: less than `partitions` of them
    std::string note;                     ///< what is odd about them; may be empty
};
/// Divides the keys so that about as many of the sampled ones are in each partition.
[[nodiscard]] range_choice choose_ranges(const std::vector<std::vector<std::string>>& samples,
                                         std::uint32_t partitions);

}  // namespace sheaf::detail
