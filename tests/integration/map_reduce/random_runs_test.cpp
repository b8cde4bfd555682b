// Runs of random shapes over random texts, beside plain loops: what is counted, kept, sorted and passed on is the same however the input
// is cut and the keys are divided. The seed is in the message of what fails.
#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "in_process.hpp"
#include <sheaf/partition.hpp>
#include <sheaf/words.hpp>

namespace sheaf::test {
namespace {

inline constexpr map_reduce<"random.counts", std::string, std::uint64_t> counts{};
inline constexpr map_reduce<"random.places", std::string, std::uint64_t> places{};
inline constexpr map_reduce<"random.sorted", std::string, std::uint64_t> sorted{};
inline constexpr map_reduce<"random.copies", std::string, std::string> copies{};

void emit_words(const text_split& in, emitter<std::string, std::uint64_t>& out) {
    for_each_word(in.text(), [&](std::string_view word) { out.emit(word, 1); });
}
void emit_places(const text_split& in, emitter<std::string, std::uint64_t>& out) {
    std::uint64_t at = in.offset();
    for (const std::string_view line : in.lines()) {
        out.emit(line, at);
        at += line.size() + 1;
    }
}
void list_places(std::string_view line, auto& at, std::string& out) {
    out += line;
    for (const std::uint64_t one : at) out += " " + std::to_string(one);
    out += '\n';
}
void copy_lines(const text_split& in, std::string& out) {
    for (const std::string_view line : in.lines()) out.append(line).append("\n");
}

struct random_runs : in_process {
    random_runs() {
        const auto list = [](std::string_view line, auto& at, std::string& out) { list_places(line, at, out); };
        jobs.bind(counts, map_with(emit_words).combine_with(std::plus<>{}));
        jobs.bind(places, map_with(emit_places).reduce_with(list));
        jobs.bind(sorted, map_with(emit_places).partition_with(by_range).reduce_with(list));
        jobs.bind(copies, map_with(copy_lines).map_only());
    }

    std::uint64_t below(std::uint64_t bound) { return random() % bound; }
    // Lines of few letters, so that many are equal; some are empty, some long, and the last one may have no newline.
    std::string random_text() {
        std::string text;
        for (std::uint64_t lines = below(400); lines > 0; --lines) {
            const std::uint64_t length = below(8) == 0 ? below(500) : below(6);
            for (std::uint64_t i = 0; i < length; ++i) text += std::string_view(" abc\\\xff")[below(6)];
            text += '\n';
        }
        if (!text.empty() && below(2) == 0) text.pop_back();
        return text;
    }
    map_reduce_options shape(const std::string& text) {
        map_reduce_options how{.input = text_files({input_file("in", text)}), .output = output(), .overwrite = true};
        how.partitions = static_cast<std::uint32_t>(1 + below(9));
        how.split_bytes = 1 + below(below(2) == 0 ? 50 + text.size() / 20 : text.size() + 2);
        how.memory = below(2) == 0 ? 1U << 16 : 1U << 26;
        how.compress_spills = below(2) == 0;
        how.verify = below(4) == 0;
        how.progress = false;
        return how;
    }

    std::mt19937_64 random;
};

std::vector<std::string> lines_in(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream from(text);
    for (std::string line; std::getline(from, line);) lines.push_back(line);
    return lines;
}

std::vector<std::string> plain_counts(const std::string& text) {
    std::map<std::string, std::uint64_t> found;
    for_each_word(text, [&](std::string_view word) { ++found[std::string(word)]; });
    std::vector<std::string> lines;
    for (const auto& [word, count] : found) lines.push_back(word + "\t" + std::to_string(count));
    std::ranges::sort(lines);
    return lines;
}

std::vector<std::string> plain_places(const std::string& text) {
    std::map<std::string, std::string> found;
    std::uint64_t at = 0;
    for (const std::string& line : lines_in(text)) {
        found[line] += " " + std::to_string(at);
        at += line.size() + 1;
    }
    std::vector<std::string> lines;
    for (const auto& [line, all] : found) lines.push_back(line + all);
    return lines;
}

TEST_F(random_runs, come_to_what_plain_loops_do) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    random.seed(seed);
    cluster on = jobs.inproc();
    for (int round = 0; round < 15 && !HasFailure(); ++round) {
        SCOPED_TRACE("round " + std::to_string(round));
        const std::string text = random_text();
        EXPECT_EQ(sorted_lines(counts.run(on, shape(text))), plain_counts(text));
        std::vector<std::string> expected = plain_places(text);
        // In the order of keys, from the first part to the last.
        EXPECT_EQ(lines_of(content_of(sorted.run(on, shape(text)))), expected);
        std::ranges::sort(expected);
        EXPECT_EQ(sorted_lines(places.run(on, shape(text))), expected);
        EXPECT_EQ(lines_of(content_of(copies.run(on, shape(text)))), lines_in(text));
    }
    EXPECT_EQ(leftovers(), 0U);
}

}  // namespace
}  // namespace sheaf::test
