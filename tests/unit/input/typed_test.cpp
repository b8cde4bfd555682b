// Typed files: written, cut and read back; damaged ones are refused.

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/random_text.hpp"
#include "unit/input/input_files.hpp"
#include <sheaf/detail/typed_file.hpp>
#include <sheaf/detail/unit_refused.hpp>
#include <sheaf/typed_split.hpp>

namespace sheaf::detail {
namespace {

using test::piece_list;
using testing::ElementsAre;
using testing::HasSubstr;

template <class T>
std::string record_of(const T& value) {
    const std::string encoded = encode(value);
    std::string record;
    append_length(record, encoded.size());
    return record + encoded;
}

// A file of `values`, handed to the writer in some pieces.
template <class T>
std::string file_of(const std::vector<T>& values, std::size_t together = 3) {
    typed_file_writer writer(type_schema<T>());
    std::string file(typed_file_writer::begin());
    for (std::size_t i = 0; i < values.size();) {
        std::string records;
        for (const std::size_t end = std::min(values.size(), i + together); i < end; ++i)
            records += record_of(values[i]);
        writer.add(records);
        file += records;
    }
    return file + writer.end();
}

template <class T>
input_format typed() {
    return {.records = record_format::typed, .packing = compression::none, .schema = type_schema<T>()};
}

template <class T>
std::vector<T> read_all(const piece_list& what, const attempt_hooks& hooks = {}) {
    std::vector<T> all;
    for_each_split<typed_split<T>>(what, hooks, [&](const typed_split<T>& in) {
        for (const auto& one : in.records()) all.push_back(T(one));
    });
    return all;
}

using pairs = std::vector<std::pair<std::string, std::uint32_t>>;

pairs random_pairs(std::mt19937_64& random, std::size_t count) {
    pairs made(count);
    for (auto& [key, value] : made) {
        // Now and then a record that is longer than a block.
        key.assign(random() % 500 == 0 ? 100'000 : random() % 200, static_cast<char>('a' + random() % 26));
        value = static_cast<std::uint32_t>(random());
    }
    return made;
}

struct typed_files_in_pieces : testing::Test {
    test::input_files files;
};

TEST_F(typed_files_in_pieces, every_record_is_in_exactly_one_piece_wherever_the_borders_are) {
    const std::uint64_t seed = test::random_seed();
    SCOPED_TRACE("SHEAF_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const input_formats formats{typed<pairs::value_type>()};
    for (const std::size_t count : {0U, 1U, 30U, 5000U}) {
        const pairs written = random_pairs(random, count);
        const std::string content = file_of(written);
        const std::string path = files.add(content);
        for (std::uint64_t piece_bytes = 1 + content.size() / 40; piece_bytes < 2 * content.size(); piece_bytes *= 3) {
            SCOPED_TRACE(std::to_string(count) + " records in pieces of " + std::to_string(piece_bytes));
            ASSERT_EQ(read_all<pairs::value_type>({test::cut(path, content.size(), piece_bytes), formats}), written);
            const auto there = test::cut("http://test/", content.size(), piece_bytes);
            ASSERT_EQ(read_all<pairs::value_type>({there, formats}, test::reading(content)), written);
        }
    }
}

TEST_F(typed_files_in_pieces, a_piece_of_a_byte_has_one_record_at_most) {
    const std::vector<std::string> written{"", "a", "bcd", std::string(300, 'x'), ""};
    const std::string content = file_of(written);
    const piece_list what{test::cut(files.add(content), content.size(), 1), {typed<std::string>()}};
    std::vector<std::string> seen;
    for_each_split<typed_split<std::string>>(what, {}, [&](const typed_split<std::string>& in) {
        int records = 0;
        for (const std::string_view one : in.records()) {
            seen.emplace_back(one);
            ++records;
        }
        EXPECT_EQ(records, 1);
    });
    EXPECT_EQ(seen, written);
}

TEST_F(typed_files_in_pieces, the_same_records_make_the_same_file_however_they_are_handed_over) {
    std::mt19937_64 random(5);
    const pairs written = random_pairs(random, 3000);
    EXPECT_EQ(file_of(written, 1), file_of(written, 1000));
}

TEST_F(typed_files_in_pieces, pairs_have_views_of_their_keys) {
    const std::string content = file_of(pairs{{"oslo", 3}, {"rome", 7}});
    const piece_list what{test::cut(files.add(content), content.size(), content.size()), {typed<pairs::value_type>()}};
    std::map<std::string, std::uint32_t> seen;
    for_each_split<pair_split<std::string, std::uint32_t>>(what, {}, [&](const auto& in) {
        for (const auto& [key, value] : in.records()) {
            static_assert(std::same_as<std::remove_cvref_t<decltype(key)>, std::string_view>);
            seen.emplace(key, value);
        }
    });
    EXPECT_THAT(seen, ElementsAre(std::pair("oslo", 3U), std::pair("rome", 7U)));
}

TEST_F(typed_files_in_pieces, records_come_one_by_one_with_their_places) {
    const std::string content = file_of(std::vector<std::string>{"a", "bc"});
    const piece_list what{test::cut(files.add(content), content.size(), content.size()), {typed<std::string>()}};
    std::vector<std::string> seen;
    for_each_record<typed_split<std::string>>(what, {}, [&](const auto& one, const record_place& place) {
        EXPECT_EQ(place.bytes, content.substr(place.offset, place.length));
        for (const std::string_view text : one.records()) seen.emplace_back(text);
    });
    EXPECT_THAT(seen, ElementsAre("a", "bc"));
}

std::string refusal(const piece_list& what) {
    try {
        (void)read_all<std::string>(what);
    } catch (const unit_refused& why) {
        return why.message;
    }
    return "";
}

TEST_F(typed_files_in_pieces, records_of_another_type_are_refused_with_both_types) {
    const std::string content = file_of(std::vector<std::uint32_t>{1, 2});
    const std::string why = refusal({test::cut(files.add(content), content.size(), 100), {typed<std::string>()}});
    EXPECT_THAT(why, AllOf(HasSubstr("u4"), HasSubstr("as s.")));
}

TEST_F(typed_files_in_pieces, a_byte_that_is_not_what_was_written_is_found_wherever_it_is) {
    std::vector<std::string> written;
    for (int i = 0; i < 20; ++i) written.push_back(std::to_string(i));
    const std::string content = file_of(written);
    for (std::size_t i = 0; i < content.size(); ++i) {
        std::string damaged = content;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
        const piece_list what{test::cut("http://test/", content.size(), content.size()), {typed<std::string>()}};
        EXPECT_THROW((void)read_all<std::string>(what, test::reading(damaged)), unit_refused) << "at " << i;
    }
}

TEST_F(typed_files_in_pieces, a_file_that_is_cut_short_is_refused_wherever_it_ends) {
    const std::string content = file_of(std::vector<std::string>{"a", "bc", "d"});
    for (std::size_t size = 1; size < content.size(); ++size) {
        const piece_list what{test::cut("http://test/", size, size), {typed<std::string>()}};
        EXPECT_THROW((void)read_all<std::string>(what, test::reading(content.substr(0, size))), unit_refused) << size;
    }
}

TEST_F(typed_files_in_pieces, a_record_of_another_host_that_would_not_fit_in_memory_is_refused) {
    const std::string content = file_of(std::vector<std::string>{std::string(3U << 20, 'x')});
    input_format format = typed<std::string>();
    format.record_bytes_max = 1U << 20;
    const piece_list there{test::cut("http://test/", content.size(), content.size()), {format}};
    EXPECT_THROW((void)read_all<std::string>(there, test::reading(content)), unit_refused);
    const piece_list here{test::cut(files.add(content), content.size(), content.size()), {format}};
    EXPECT_EQ(read_all<std::string>(here).size(), 1U);
}

TEST(values_in_assignments, come_as_they_were) {
    const input given = values(std::vector<std::string>{"a", "", "ccc"});
    ASSERT_NE(given.spec(), nullptr);
    const piece_list what{{{.length = 3, .indivisible = true, .content = given.spec()->values}},
                          {given.spec()->format}};
    EXPECT_THAT(read_all<std::string>(what), ElementsAre("a", "", "ccc"));
    EXPECT_THROW((void)read_all<int>(what), unit_refused);
}

TEST(values_in_assignments, that_are_no_records_are_refused) {
    const piece_list what{{{.length = 3,
                            .indivisible = true,
                            .content = "\x05"
                                       "ab"}},
                          {{.records = record_format::values, .schema = type_schema<std::string>()}}};
    EXPECT_THROW((void)read_all<std::string>(what), unit_refused);
}

}  // namespace
}  // namespace sheaf::detail
