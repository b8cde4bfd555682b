// What valsort does: is a file of records sorted, and which records are in it?
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

inline constexpr std::size_t record_bytes = 100;
inline constexpr std::size_t key_bytes = 10;

struct validation {
    std::uint64_t records = 0;
    std::uint64_t out_of_order = 0;  // records that are less than the one before
    std::uint64_t duplicates = 0;    // records whose key is that of the one before
    std::uint64_t checksum = 0;      // a sum over records: the same in whatever order they are
};

// Throws std::runtime_error when the file cannot be read, or does not end with a whole record.
validation validate(const std::string& path);
