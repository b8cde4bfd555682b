// What is in a part of an output, as a driver that takes a run over compares it with what the journal says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include <sheaf/detail/output_format.hpp>

namespace sheaf::detail {

struct part_content {
    std::uint64_t bytes = 0;
    std::uint64_t checksum = 0;  ///< XXH3, as output_file::checksum

    friend bool operator==(const part_content&, const part_content&) = default;
};

/// Reads all of a regular file, or a stretch of it. Nothing when it is not there, too short, or cannot be read.
[[nodiscard]] std::optional<part_content> content_of_file(const std::filesystem::path& path,
                                                          const std::optional<file_range>& range = {});

}  // namespace sheaf::detail
