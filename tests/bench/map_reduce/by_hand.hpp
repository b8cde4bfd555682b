// What a programmer would write for one job, with threads and without any framework: what the examples are measured beside.
// Each reads `input` by mmap, works in `threads` threads and writes one file, `output`.
#pragma once

#include <cstddef>
#include <string>

namespace sheaf::bench {

/// word TAB count, in no order.
void count_words_by_hand(std::size_t threads, const std::string& input, const std::string& output);
/// The lines with bench::needle in them, in the order of the input.
void grep_by_hand(std::size_t threads, const std::string& input, const std::string& output);
/// Records of 100 bytes, by their first 10 bytes.
void sort_by_hand(std::size_t threads, const std::string& input, const std::string& output);
/// word TAB document numbers, ascending; the words in no order.
void index_by_hand(std::size_t threads, const std::string& input, const std::string& output);
/// sensor TAB hour TAB count TAB mean TAB least TAB greatest.
void readings_by_hand(std::size_t threads, const std::string& input, const std::string& output);

/// Runs the one of that name. False when there is none.
bool run_by_hand(const std::string& name, std::size_t threads, const std::string& input, const std::string& output);

}  // namespace sheaf::bench
