// Reading the word count's command line, and explaining it.
#include "options.hpp"

#include <charconv>
#include <iostream>
#include <limits>
#include <string_view>

namespace {

constexpr std::string_view usage =
    R"(usage: wordcount --output DIR [OPTION...] FILE|DIR...

Counts the words (runs of bytes above the blank) of files, and of all files in directories.

  --output DIR     the directory to make, with files of "word<TAB>count" lines, each sorted by word
  --top N          also print the N most frequent words
  --partitions N   how many output files (default: as many as keep the workers busy)
  --memory BYTES   how much each worker may hold in memory; K, M and G are understood (default: an eighth of the
                   machine's memory, 256M at most)
  --help           show this text

It runs on a local cluster of SHEAF_WORKERS processes (default: one per core), or, with SHEAF_SERVER=HOST:PORT, on the workers
of that Gearman server. Exit status: 0 success, 1 failure, 2 usage, 130 interrupted.
)";

int mistake(const std::string& what) {
    std::cerr << "wordcount: " << what << "\nTry: wordcount --help\n";
    return 2;
}

// A number with an optional K, M or G, if that is all `text` is.
bool read_number(std::string_view text, std::uint64_t& to) {
    const auto [rest, why] = std::from_chars(text.data(), text.data() + text.size(), to);
    const std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
    if (why != std::errc{} || unit.size() > 1) return false;
    if (unit.empty()) return true;
    const std::size_t power = std::string_view("KMG").find(unit);
    if (power == std::string_view::npos) return false;
    const unsigned shift = 10 * (static_cast<unsigned>(power) + 1);
    if (to > std::numeric_limits<std::uint64_t>::max() >> shift) return false;
    to <<= shift;
    return true;
}

}  // namespace

std::variant<options, int> read_options(std::span<const std::string> arguments) {
    options read;
    std::uint64_t partitions = 0;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& name = arguments[i];
        if (name == "--help") {
            std::cout << usage;
            return 0;
        }
        if (name == "--") {
            read.inputs.insert(read.inputs.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                               arguments.end());
            break;
        }
        if (!name.starts_with("--")) {
            read.inputs.push_back(name);
            continue;
        }
        std::uint64_t* const number = name == "--top"          ? &read.top
                                      : name == "--partitions" ? &partitions
                                      : name == "--memory"     ? &read.memory
                                                               : nullptr;
        if (number == nullptr && name != "--output") return mistake("there is no option " + name);
        if (++i == arguments.size()) return mistake(name + " needs a value");
        if (number == nullptr) {
            read.output = arguments[i];
        } else if (!read_number(arguments[i], *number) || *number == 0) {
            return mistake(name + " needs a number above 0, not \"" + arguments[i] + "\"");
        }
    }
    if (read.output.empty()) return mistake("--output DIR is needed: the directory to make");
    if (read.inputs.empty()) return mistake("no input: name files or directories to count");
    if (partitions > 65536) return mistake("--partitions is at most 65536");
    read.partitions = static_cast<std::uint32_t>(partitions);
    return read;
}
