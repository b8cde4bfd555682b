// Texts in pieces: every line, or word, is in exactly one, wherever the borders are and wherever the bytes come from.

#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/random_text.hpp"
#include "unit/input/input_files.hpp"
#include <sheaf/detail/unit_refused.hpp>
#include <sheaf/text_split.hpp>

namespace sheaf::detail {
namespace {

using test::piece_list;
using testing::HasSubstr;

using texts = std::vector<std::string>;

texts lines_of_whole(const std::string& content) {
    texts lines;
    std::size_t begin = 0;
    for (std::size_t end; begin < content.size(); begin = end + 1) {
        end = std::min(content.find('\n', begin), content.size());
        lines.push_back(content.substr(begin, end - begin));
    }
    return lines;
}

texts words_of_whole(const std::string& content) {
    texts words;
    for_each_word(content, [&](std::string_view word) { words.emplace_back(word); });
    return words;
}

texts lines_of(const piece_list& what, const attempt_hooks& hooks = {}) {
    texts lines;
    for_each_split<text_split>(what, hooks, [&](const text_split& text) {
        for (const std::string_view line : text.lines()) lines.emplace_back(line);
    });
    return lines;
}

texts words_of(const piece_list& what, const attempt_hooks& hooks = {}) {
    texts words;
    for_each_split<text_split>(what, hooks, [&](const text_split& text) {
        for_each_word(text.text(), [&](std::string_view word) { words.emplace_back(word); });
    });
    return words;
}

const input_formats as_lines{{}};
const input_formats as_words{{.records = record_format::words}};

struct texts_in_pieces : testing::Test {
    test::input_files files;
};

TEST_F(texts_in_pieces, every_line_and_word_belongs_to_exactly_one_piece_wherever_the_borders_are) {
    const std::string contents[] = {"",
                                    "\n",
                                    "\n\n\n",
                                    "a",
                                    "a\n",
                                    "one\ntwo\nthree\n",
                                    "one two\nthree",
                                    "  starts with blanks\n\nand ends with two  ",
                                    "\nstarts with an empty line\n\nends with two\n\n",
                                    "a line that is longer than most pieces of it\nb\n"};
    for (const std::string& content : contents) {
        const std::string path = files.add(content);
        for (std::uint64_t piece_bytes = 1; piece_bytes <= content.size() + 1; ++piece_bytes) {
            SCOPED_TRACE("pieces of " + std::to_string(piece_bytes) + " bytes of: " + content);
            const auto here = test::cut(path, content.size(), piece_bytes);
            const auto there = test::cut("http://test/", content.size(), piece_bytes);
            EXPECT_EQ(lines_of({here, as_lines}), lines_of_whole(content));
            EXPECT_EQ(words_of({here, as_words}), words_of_whole(content));
            EXPECT_EQ(lines_of({there, as_lines}, test::reading(content)), lines_of_whole(content));
            EXPECT_EQ(words_of({there, as_words}, test::reading(content)), words_of_whole(content));
        }
    }
}

TEST_F(texts_in_pieces, random_texts_of_many_pages_keep_their_lines) {
    const std::uint64_t seed = test::random_seed();
    SCOPED_TRACE("SHEAF_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    for (int round = 0; round < 20; ++round) {
        SCOPED_TRACE(round);
        const std::string content = test::random_text(random, 1 + random() % 100'000);
        const std::uint64_t piece_bytes = 1 + random() % 30'000;
        const auto pieces = test::cut(files.add(content), content.size(), piece_bytes);
        ASSERT_EQ(lines_of({pieces, as_lines}), lines_of_whole(content));
        ASSERT_EQ(words_of({pieces, as_words}), words_of_whole(content));
        const auto there = test::cut("http://test/", content.size(), piece_bytes);
        ASSERT_EQ(lines_of({there, as_lines}, test::reading(content)), lines_of_whole(content));
    }
}

TEST_F(texts_in_pieces, a_split_says_where_in_its_file_it_is) {
    const std::string content = "one\ntwo\nthree\nfour\n";
    const std::string path = files.add(content);
    for_each_split<text_split>(piece_list{test::cut(path, content.size(), 5), as_lines}, {},
                               [&](const text_split& text) {
                                   EXPECT_EQ(text.path(), path);
                                   EXPECT_EQ(text.text(), content.substr(text.offset(), text.text().size()));
                               });
}

TEST_F(texts_in_pieces, records_come_one_by_one_with_their_places) {
    const std::string content = "one\n\nthree";
    const piece_list whole{test::cut(files.add(content), content.size(), 100), as_lines};
    std::vector<std::pair<std::uint64_t, std::string>> seen;
    for_each_record<text_split>(whole, {}, [&](const text_split& one, const record_place& place) {
        EXPECT_EQ(one.text(), place.bytes);
        EXPECT_EQ(place.number, seen.size());
        EXPECT_EQ(place.length, place.bytes.size());
        seen.emplace_back(place.offset, one.text());
    });
    EXPECT_EQ(seen, (std::vector<std::pair<std::uint64_t, std::string>>{{0, "one\n"}, {4, "\n"}, {5, "three"}}));
}

TEST_F(texts_in_pieces, a_piece_with_a_range_of_records_has_those_only) {
    const std::string packed = test::gzipped("a\nb\nc\nd\n");
    input_piece piece{
        .path = files.add(packed, ".gz"), .length = packed.size(), .file_size = packed.size(), .indivisible = true};
    piece.first_record = 1;
    piece.last_record = 3;
    EXPECT_EQ(lines_of({{piece}, as_lines}), (texts{"b", "c"}));
}

TEST_F(texts_in_pieces, whoever_has_enough_may_stop) {
    const std::string content = "a\nb\nc\n";
    int splits = 0;
    for_each_split<text_split>(piece_list{test::cut(files.add(content), content.size(), 2), as_lines}, {},
                               [&](const text_split&) { return ++splits < 2; });
    EXPECT_EQ(splits, 2);
}

TEST_F(texts_in_pieces, a_mapper_of_another_format_is_refused_with_both_named) {
    const std::string path = files.add("a\n");
    try {
        lines_of({test::cut(path, 2, 2), {{.records = record_format::csv}}});
        FAIL() << "it was accepted";
    } catch (const unit_refused& why) {
        EXPECT_THAT(why.message, HasSubstr("csv_files()"));
        EXPECT_THAT(why.message, HasSubstr("text_files()"));
    }
}

TEST_F(texts_in_pieces, a_line_far_beyond_its_piece_is_noted) {
    const std::string path = files.add("");
    std::filesystem::resize_file(path, 80U << 20);
    const piece_list what{test::cut(path, 80U << 20, 1U << 20), as_lines};
    const input_tally tally = for_each_split<text_split>(what, {}, [](const text_split&) {});
    EXPECT_EQ(tally.bytes, 80U << 20);
    ASSERT_EQ(tally.notes.size(), 1U);
    EXPECT_THAT(tally.notes[0], AllOf(HasSubstr(path), HasSubstr("word_files")));
}

TEST_F(texts_in_pieces, a_remote_line_that_would_not_fit_in_memory_is_refused_and_words_of_it_are_not) {
    const std::string content(3U << 20, 'x');
    const piece_list lines{test::cut("http://test/", content.size(), content.size()), {{.record_bytes_max = 1U << 20}}};
    try {
        lines_of(lines, test::reading(content));
        FAIL() << "it was accepted";
    } catch (const unit_refused& why) {
        EXPECT_THAT(why.message, AllOf(HasSubstr("a line of"), HasSubstr("word_files")));
    }
    std::string words;
    while (words.size() < content.size()) words += "word ";
    const piece_list cut_at_words{test::cut("http://test/", words.size(), words.size()),
                                  {{.records = record_format::words, .record_bytes_max = 1U << 20}}};
    EXPECT_EQ(words_of(cut_at_words, test::reading(words)).size(), words.size() / 5);
}

}  // namespace
}  // namespace sheaf::detail
