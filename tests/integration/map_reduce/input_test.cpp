// Word count over all kinds of input, against a counter that has nothing in common with it.
#include <random>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text_maker.hpp"
#include "word_count.hpp"

namespace sheaf::test {
namespace {

using testing::HasSubstr;

struct word_count_of : testing::Test {
    const std::uint64_t seed = std::random_device{}();
    testing::ScopedTrace trace{__FILE__, __LINE__, "seed " + std::to_string(seed)};
    text_maker make{seed};
    word_count_place place;
};

TEST_F(word_count_of, many_megabytes_in_files_and_directories) {
    place.add_input("large", make.prose(9'000'000));
    place.add_input("deep/er/one", make.prose(700'000));
    place.add_input("deep/er/two", make.distinct_words(1'300'000));
    const outcome ended = run(place.program_over_input({"--partitions", "3"}));
    expect_counted(ended, place);
    EXPECT_EQ(names_in(place.output()).size(), 3U);
    EXPECT_THAT(ended.err, HasSubstr("in 3 files"));
    EXPECT_THAT(ended.err, HasSubstr("3 files,"));
}

TEST_F(word_count_of, a_directory_without_files_is_an_empty_part) {
    std::filesystem::create_directory(place.input());
    expect_counted(run(place.program_over_input()), place);
    EXPECT_EQ(names_in(place.output()), std::vector<std::string>{"part-00000"});
}

TEST_F(word_count_of, an_empty_file_is_an_empty_part) {
    place.add_input("empty", "");
    expect_counted(run(place.program_over_input()), place);
}

TEST_F(word_count_of, one_line_without_a_newline) {
    place.add_input("line", "to be or not to be");
    const outcome ended = run(place.program_over_input({"--top", "2"}));
    expect_counted(ended, place);
    EXPECT_EQ(ended.out, "be\t2\nto\t2\n") << "equally frequent words come in the order of their bytes";
}

TEST_F(word_count_of, lines_longer_than_a_split) {
    std::string text;
    for (const std::size_t bytes : {3'000'000, 10, 2'500'000, 1, 1'100'000}) {
        std::string line = make.prose(bytes);
        std::ranges::replace(line, '\n', ' ');
        text += line + '\n';
    }
    place.add_input("long", text);
    place.add_input("longer", std::string(5'000'000, 'x'));  // one line, and one word
    expect_counted(run(place.program_over_input()), place);
}

TEST_F(word_count_of, a_thousand_small_files) {
    for (int i = 0; i < 1000; ++i) {
        place.add_input(std::to_string(i % 10) + "/" + std::to_string(i), make.prose(make.below(300)));
    }
    expect_counted(run(place.program_over_input()), place);
}

TEST_F(word_count_of, any_bytes_at_all) {
    place.add_input("garbage", make.garbage(3'000'000));
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte) every_byte += std::string("w") + static_cast<char>(byte) + "w\n";
    place.add_input("every", every_byte);
    expect_counted(run(place.program_over_input()), place);
}

TEST_F(word_count_of, a_file_named_twice_counts_twice) {
    place.add_input("file", "once");
    place.expected["once"] = 2;
    const std::string file = place.input() / "file";
    expect_counted(run(place.program({"--output", place.output(), file, file})), place);
}

TEST_F(word_count_of, directories_with_fifos_and_loops_of_links_counts_the_files) {
    place.add_input("file", "a b a");
    ASSERT_EQ(::mkfifo((place.input() / "fifo").c_str(), 0600), 0);
    std::filesystem::create_directory_symlink("..", place.input() / "loop");
    std::filesystem::create_symlink("file", place.input() / "link");
    place.expected = {{"a", 4}, {"b", 2}};
    const outcome ended = run(place.program_over_input());
    expect_counted(ended, place);
    EXPECT_THAT(ended.err, HasSubstr("2 skipped that were no files"));
}

TEST_F(word_count_of, more_words_than_fit_in_memory) {
    place.add_input("distinct", make.distinct_words(12'000'000));
    const outcome ended = run(place.program_over_input({"--memory", "2M"}));
    expect_counted(ended, place);
    EXPECT_THAT(ended.err, Not(HasSubstr(" 0 spills")));
}

TEST_F(word_count_of, the_most_frequent_words_are_those_of_the_reference) {
    place.add_input("text", make.prose(2'000'000));
    const outcome ended = run(place.program_over_input({"--top", "20"}));
    expect_counted(ended, place);
    std::vector<std::pair<std::string, std::uint64_t>> best(place.expected.begin(), place.expected.end());
    std::ranges::stable_sort(best, std::greater{}, [](const auto& one) { return one.second; });
    std::string expected;
    for (std::size_t i = 0; i < 20; ++i) expected += best[i].first + '\t' + std::to_string(best[i].second) + '\n';
    EXPECT_EQ(ended.out, expected);
}

}  // namespace
}  // namespace sheaf::test
