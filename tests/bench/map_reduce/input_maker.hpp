// Inputs of the map/reduce benchmarks: the same arguments always give the same bytes.
#pragma once

#include <cstdint>
#include <string>

namespace sheaf::bench {

/// Lines of words that are as unevenly frequent as those of a language; one line in 100,000 has the needle in it.
void make_text(const std::string& path, std::uint64_t bytes);
inline constexpr const char* needle = "xqzneedle";

/// One document a line: number, tab, about 200 words.
void make_documents(const std::string& path, std::uint64_t count);

/// Records of 100 bytes in the form of gensort: a key of 10 printable bytes, the record's number, filler, CR LF.
void make_records(const std::string& path, std::uint64_t count);

/// Measurements of 16 bytes, little endian: u32 sensor (skewed), u16 hour, u16 zero, f64 value.
void make_readings(const std::string& path, std::uint64_t count);

}  // namespace sheaf::bench
