// The word count program as its users see it: a run of it, and the counts that it should have come to.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "support/process.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {

using word_counts = std::map<std::string, std::uint64_t, std::less<>>;

/// Adds the words of `text`. Written byte by byte, and with nothing of Sheaf's: it is what the program is compared with.
inline void count_words(std::string_view text, word_counts& counts) {
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t end = at;
        while (end < text.size() && static_cast<unsigned char>(text[end]) > 0x20) ++end;
        if (end > at) {
            const std::string_view word = text.substr(at, end - at);
            const auto known = counts.find(word);
            if (known != counts.end()) {
                ++known->second;
            } else {
                counts.emplace(word, 1);
            }
        }
        at = end + 1;
    }
}

/// What one run of the program gave.
struct outcome {
    int code = -1;
    std::string out;
    std::string err;
};

/// A place to run in: inputs, outputs and temporary files, all of its own.
class word_count_place {
  public:
    word_count_place() { std::filesystem::create_directory(temporary()); }

    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return scratch_ / name; }
    [[nodiscard]] std::string output() const { return scratch_ / "counts"; }
    /// Where runs keep temporary files.
    [[nodiscard]] std::filesystem::path temporary() const { return scratch_ / "tmp"; }
    [[nodiscard]] std::filesystem::path runs() const { return temporary() / ("sheaf-" + std::to_string(::geteuid())); }

    /// A file in the input directory. Its words are added to what is expected.
    void add_input(const std::string& name, std::string_view text) {
        write_file(input() / name, text);
        count_words(text, expected);
    }
    [[nodiscard]] std::filesystem::path input() const { return scratch_ / "input"; }

    /// The program with these arguments. `wrapper` goes before it: what starts it in some other way.
    [[nodiscard]] command program(std::vector<std::string> arguments, std::vector<std::string> wrapper = {}) const {
        wrapper.push_back(test::program("examples/wordcount"));
        wrapper.insert(wrapper.end(), arguments.begin(), arguments.end());
        return {std::move(wrapper), {"SHEAF_TMPDIR=" + temporary().string(), "SHEAF_WORKERS=2", "SHEAF_SERVER="}};
    }
    /// The program over all of the input directory.
    [[nodiscard]] command program_over_input(std::vector<std::string> options = {}) const {
        options.insert(options.end(), {"--output", output(), input()});
        return program(std::move(options));
    }

    word_counts expected;

  private:
    scratch_directory scratch_;
};

/// Waits for the program's end.
inline outcome finish(process& running, std::chrono::milliseconds limit = std::chrono::minutes(2)) {
    outcome ended;
    ended.out = running.read_all(limit);
    ended.code = running.wait(limit).value_or(-1);
    ended.err = running.error_output();
    return ended;
}

inline outcome run(command what) {
    process running(std::move(what));
    return finish(running);
}

/// Reads the output files of `directory`: each sorted, each word once in all of them.
inline word_counts read_counts(const std::filesystem::path& directory) {
    word_counts counts;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        EXPECT_TRUE(entry.path().filename().string().starts_with("part-")) << entry.path();
        const std::string text = read_file(entry.path());
        std::string_view rest = text;
        std::string_view last;
        while (!rest.empty()) {
            const std::string_view line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(line.size() + 1, rest.size()));
            const std::size_t tab = line.find('\t');
            if (tab == std::string_view::npos) {
                ADD_FAILURE() << entry.path() << " has the line \"" << line << '"';
                return counts;
            }
            const std::string_view word = line.substr(0, tab);
            EXPECT_LT(last, word) << "not sorted: " << entry.path();
            last = word;
            EXPECT_TRUE(counts.emplace(word, std::stoull(std::string(line.substr(tab + 1)))).second) << word;
        }
        EXPECT_TRUE(text.empty() || text.ends_with('\n'));
    }
    return counts;
}

/// Compares without printing a million words.
inline void expect_equal(const word_counts& actual, const word_counts& expected) {
    EXPECT_EQ(actual.size(), expected.size());
    const auto [at, should] = std::mismatch(actual.begin(), actual.end(), expected.begin(), expected.end());
    if (at != actual.end()) ADD_FAILURE() << "counted: " << at->first << ' ' << at->second;
    if (should != expected.end()) ADD_FAILURE() << "should be: " << should->first << ' ' << should->second;
}

/// The names of what is in `directory`; nothing when it is not there.
inline std::vector<std::string> names_in(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(directory, none)) {
        names.push_back(entry.path().filename().string());
    }
    return names;
}

/// Nothing of any run is in `place` but, perhaps, its output.
inline void expect_no_leftovers(const word_count_place& place) {
    EXPECT_EQ(names_in(place.runs()), std::vector<std::string>{});
    for (const std::string& name : names_in(place / ".")) EXPECT_FALSE(name.starts_with('.')) << name;
}

/// The run succeeded, its counts are right, and it cleaned up.
inline void expect_counted(const outcome& ended, const word_count_place& place) {
    ASSERT_EQ(ended.code, 0) << ended.err;
    expect_equal(read_counts(place.output()), place.expected);
    expect_no_leftovers(place);
}

/// The run failed with this status and one line that says why, and nothing is there.
inline void expect_failed(const outcome& ended, const word_count_place& place, const std::string& reason,
                          int code = 1) {
    EXPECT_EQ(ended.code, code) << ended.err;
    EXPECT_NE(ended.err.find(reason), std::string::npos) << ended.err;
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    EXPECT_EQ(ended.out, "");
    EXPECT_FALSE(std::filesystem::exists(place.output()));
    expect_no_leftovers(place);
}

}  // namespace sheaf::test
