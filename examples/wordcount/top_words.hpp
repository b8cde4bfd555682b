// The most frequent words of an output directory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// Reads the "word<TAB>count" lines of `files` in `directory`; returns at most `n` words, the most frequent first, and equally
// frequent ones by their bytes. Holds no more than `n` of them in memory. Throws std::runtime_error for what cannot be read.
std::vector<std::pair<std::string, std::uint64_t>> top_words(const std::string& directory,
                                                             const std::vector<std::string>& files, std::size_t n);
