// Delimited records: what fields are, and that each record is in exactly one piece, newlines in quotes or not.

#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/random_text.hpp"
#include "unit/input/input_files.hpp"
#include <sheaf/csv_split.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {
namespace {

using test::piece_list;
using testing::ElementsAre;
using testing::HasSubstr;

using table = std::vector<std::vector<std::string>>;

input_format csv(bool header = false) {
    return {.records = record_format::csv, .record_bytes_max = 1U << 20, .header = header};
}

table rows_of(const piece_list& what, const attempt_hooks& hooks = {}) {
    table all;
    for_each_split<csv_split>(what, hooks, [&](const csv_split& in) {
        for (const csv_row& row : in.rows()) {
            auto& fields = all.emplace_back();
            for (std::size_t i = 0; i < row.size(); ++i) fields.emplace_back(row[i]);
        }
    });
    return all;
}

struct csv_files_in_pieces : testing::Test {
    piece_list whole(const std::string& content, const input_format& format = csv()) {
        return {test::cut(files.add(content), content.size(), content.size()), {format}};
    }
    std::string refusal(const piece_list& what) {
        try {
            rows_of(what);
        } catch (const unit_refused& why) {
            return why.message;
        }
        return "";
    }
    test::input_files files;
};

TEST_F(csv_files_in_pieces, fields_are_without_their_quotes) {
    const auto rows = rows_of(whole("a,b,\"c,d\"\r\n,\"say \"\"hi\"\"\",\"\"\n\n\"two\nlines\",x"));
    EXPECT_THAT(rows, ElementsAre(ElementsAre("a", "b", "c,d"), ElementsAre("", "say \"hi\"", ""),
                                  ElementsAre("two\nlines", "x")));
}

TEST_F(csv_files_in_pieces, other_delimiters_and_no_quotes) {
    input_format tabs = csv();
    tabs.delimiter = '\t';
    tabs.quote = '\0';
    EXPECT_THAT(rows_of(whole("5\" pipe\t\"x\n", tabs)), ElementsAre(ElementsAre("5\" pipe", "\"x")));
}

TEST_F(csv_files_in_pieces, columns_have_the_names_of_the_header_in_every_piece) {
    const std::string content =
        "\xef\xbb\xbf"
        "city,\"the price\"\nOslo,3.5\nRome,7\n";
    const piece_list what{test::cut(files.add(content), content.size(), 4), {csv(true)}};
    double sum = 0;
    std::string cities;
    for_each_split<csv_split>(what, {}, [&](const csv_split& in) {
        EXPECT_THAT(in.columns(), ElementsAre("city", "the price"));
        for (const csv_row& row : in.rows()) {
            cities += row["city"];
            sum += row.number<double>("the price");
            EXPECT_EQ(row.text(), content.substr(row.offset(), row.text().size()));
        }
    });
    EXPECT_EQ(cities, "OsloRome");
    EXPECT_EQ(sum, 10.5);
}

TEST_F(csv_files_in_pieces, a_header_may_have_empty_lines_before_it_and_no_name_twice) {
    for_each_split<csv_split>(whole("\n\r\n\ncity,v,v\nOslo,3,4\n", csv(true)), {}, [&](const csv_split& in) {
        EXPECT_THAT(in.columns(), ElementsAre("city", "v", "v"));
        for (const csv_row& row : in.rows()) {
            EXPECT_EQ(row["city"], "Oslo");
            EXPECT_THROW((void)row["v"], csv_error);
        }
    });
}

TEST_F(csv_files_in_pieces, a_file_of_a_header_alone_has_no_records) {
    EXPECT_TRUE(rows_of(whole("a,b", csv(true))).empty());
    EXPECT_TRUE(rows_of(whole("a,b\n", csv(true))).empty());
    EXPECT_TRUE(rows_of(whole("\n\r\n\n")).empty());
}

TEST_F(csv_files_in_pieces, what_a_record_does_not_have_is_an_error_with_its_place) {
    const piece_list what = whole("a,b\n1,x\n", csv(true));
    for_each_split<csv_split>(what, {}, [&](const csv_split& in) {
        for (const csv_row& row : in.rows()) {
            EXPECT_THROW((void)row[2], csv_error);
            EXPECT_THROW((void)row["c"], csv_error);
            EXPECT_EQ(row.number<int>(0), 1);
            try {
                (void)row.number<int>("b");
                FAIL();
            } catch (const csv_error& why) {
                EXPECT_THAT(why.what(), AllOf(HasSubstr(in.path()), HasSubstr("byte 4"), HasSubstr("'x'")));
            }
        }
    });
}

TEST_F(csv_files_in_pieces, quotes_in_wrong_places_are_refused_with_the_place) {
    EXPECT_THAT(refusal(whole("a,b\"c\n")), AllOf(HasSubstr("byte 3"), HasSubstr("quote")));
    EXPECT_THAT(refusal(whole("a,\"b\"c\n")), HasSubstr("byte 5"));
    EXPECT_THAT(refusal(whole("a\nb,\"never\nclosed\n")), HasSubstr("has no end"));
    input_format no_newlines = csv();
    no_newlines.newlines_in_fields = false;
    EXPECT_THAT(refusal(whole("\"a\nb\"\n", no_newlines)), HasSubstr("newline"));
    input_format short_records = csv();
    short_records.record_bytes_max = 10;
    EXPECT_THAT(refusal(whole("a\n0123456789,0123\n", short_records)), HasSubstr("longer"));
}

// ---- Borders.

std::string quoted(const std::string& field) {
    std::string text = "\"";
    for (const char byte : field) text += byte == '"' ? "\"\"" : std::string(1, byte);
    return text + '"';
}

// Fields of a few bytes, of those that matter.
std::string random_field(std::mt19937_64& random, const std::string& bytes) {
    std::string field;
    for (std::size_t size = random() % 6; field.size() < size;) field += bytes[random() % bytes.size()];
    return field;
}

struct random_table {
    table rows;
    std::string content;
};

random_table make_table(std::mt19937_64& random, const std::string& bytes, std::size_t rows) {
    random_table made;
    const std::uint64_t quoting = random() % 3;  // sometimes, always, when it must be
    const char* const line_end = random() % 2 == 0 ? "\n" : "\r\n";
    while (made.rows.size() < rows) {
        auto& row = made.rows.emplace_back();
        for (std::size_t fields = 1 + random() % 4; row.size() < fields;) {
            if (!row.empty()) made.content += ',';
            const std::string& field = row.emplace_back(random_field(random, bytes));
            const bool must = field.find_first_of("\",\r\n") != std::string::npos || (field.empty() && fields == 1);
            const bool does = must || quoting == 1 || (quoting == 0 && random() % 2 == 0);
            made.content += does ? quoted(field) : field;
        }
        made.content += line_end;
    }
    return made;
}

TEST_F(csv_files_in_pieces, every_record_is_in_exactly_one_piece_wherever_the_borders_are) {
    const std::uint64_t seed = test::random_seed();
    SCOPED_TRACE("SHEAF_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    // Of some bytes, nearly everything looks like something else.
    for (const std::string bytes : {"abc\",\n", ",\"\n", "ab", "a\"", ",\n", "\"\n\r"}) {
        for (int round = 0; round < 6; ++round) {
            const random_table made = make_table(random, bytes, 1 + random() % 12);
            const std::string path = files.add(made.content);
            for (std::uint64_t piece_bytes = 1; piece_bytes <= made.content.size();
                 piece_bytes += 1 + piece_bytes / 4) {
                SCOPED_TRACE("pieces of " + std::to_string(piece_bytes) + " bytes of: " + made.content);
                const piece_list what{test::cut(path, made.content.size(), piece_bytes), {csv()}};
                ASSERT_EQ(rows_of(what), made.rows);
                const piece_list there{test::cut("http://test/", made.content.size(), piece_bytes), {csv()}};
                ASSERT_EQ(rows_of(there, test::reading(made.content)), made.rows);
            }
        }
    }
}

TEST_F(csv_files_in_pieces, long_records_that_look_like_others_keep_their_borders) {
    // Both assumptions hold for longer than a record may be: the quotes have to be counted.
    std::string content = "\"first\"\n";
    for (int i = 0; i < 200; ++i) content += "\",\",\",\",\"\n\"\n";
    input_format format = csv();
    format.record_bytes_max = 100;
    const table expected = rows_of({test::cut(files.add(content), content.size(), content.size()), {format}});
    EXPECT_EQ(expected.size(), 201U);
    for (const std::uint64_t piece_bytes : {7U, 64U, 100U, 1000U}) {
        EXPECT_EQ(rows_of({test::cut(files.add(content), content.size(), piece_bytes), {format}}), expected);
    }
}

TEST_F(csv_files_in_pieces, a_text_without_quotes_is_cut_at_its_newlines) {
    std::string content;
    for (int i = 0; i < 3000; ++i) content += std::to_string(i) + ",x\n";
    input_format format = csv();
    format.record_bytes_max = 50;
    EXPECT_EQ(rows_of({test::cut(files.add(content), content.size(), 333), {format}}).size(), 3000U);
}

TEST_F(csv_files_in_pieces, records_come_one_by_one_with_their_places) {
    const std::string content = "h\n\n\"a\nb\"\nc\n";
    const piece_list what{test::cut(files.add(content), content.size(), 3), {csv(true)}};
    std::vector<std::pair<std::uint64_t, std::string>> seen;
    for_each_record<csv_split>(what, {}, [&](const csv_split& one, const record_place& place) {
        EXPECT_EQ(place.bytes, content.substr(place.offset, place.length));
        for (const csv_row& row : one.rows()) seen.emplace_back(place.offset, row["h"]);
    });
    EXPECT_EQ(seen, (std::vector<std::pair<std::uint64_t, std::string>>{{3, "a\nb"}, {9, "c"}}));
}

TEST_F(csv_files_in_pieces, archives_have_their_records_in_chunks) {
    std::mt19937_64 random(7);
    const random_table made = make_table(random, "abc\",\n", 100'000);
    for (const bool gzip : {true, false}) {
        const std::string packed = gzip ? test::gzipped(made.content) : test::zstandard(made.content);
        input_piece piece{.path = files.add(packed, gzip ? ".gz" : ".zst"),
                          .length = packed.size(),
                          .file_size = packed.size(),
                          .indivisible = true};
        EXPECT_EQ(rows_of({{piece}, {csv()}}), made.rows);
    }
}

}  // namespace
}  // namespace sheaf::detail
