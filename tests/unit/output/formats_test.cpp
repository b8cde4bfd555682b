// How keys and values are written: as text, as CSV, as they are.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sheaf/detail/pair_format.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {
namespace {

using testing::HasSubstr;

enum class colour : std::uint8_t { red = 1, blue = 2 };
struct point {
    int x = 0;
    double y = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(cereal::make_nvp("x", x), y);
    }
};
struct polygon {
    std::vector<point> corners;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(corners);
    }
};

template <class K, class V>
std::string written(const K& key, const V& value, const output_format& how) {
    std::string out;
    pair_format<K, V>({}, how)(out, key, value);
    return out;
}
output_format csv(char delimiter = ',', char quote = '"') {
    return {.encoding = output_encoding::csv, .delimiter = delimiter, .quote = quote, .columns = {}, .schema = {}};
}
template <class Call>
std::string refusal_of(const Call& call) {
    try {
        call();
    } catch (const unit_refused& why) {
        return why.message;
    }
    return "not refused";
}

TEST(formats, of_text_are_tab_separated_and_refuse_what_has_no_text) {
    EXPECT_EQ(written(std::string("Oslo"), 1.5, {}), "Oslo\t1.5\n");
    EXPECT_EQ(written(std::int8_t{-7}, true, {}), "-7\t1\n");
    EXPECT_THAT(refusal_of([] { (void)written(1, point{}, {}); }), HasSubstr("give the job a format_with() step"));
}

TEST(formats, of_csv_quote_what_would_be_read_as_something_else) {
    EXPECT_EQ(written(std::string("a,b"), std::string("say \"x\"\n"), csv()), "\"a,b\",\"say \"\"x\"\"\n\"\n");
    EXPECT_EQ(written(std::string("a,b"), std::string(""), csv(';')), "a,b;\n");
    EXPECT_EQ(written(std::string("\"a\""), 1, csv(',', '\0')), "\"a\",1\n") << "a quote means nothing there";
    EXPECT_THAT(refusal_of([] { (void)written(std::string("a,b"), 1, csv(',', '\0')); }), HasSubstr("'a,b'"));
}

TEST(formats, of_csv_have_the_fields_of_whatever_has_some) {
    EXPECT_EQ(written(std::pair(1, std::string("x")), point{2, 0.5}, csv()), "1,x,2,0.5\n");
    EXPECT_EQ(written(colour::blue, std::array{1, 2, 3}, csv()), "2,1,2,3\n");
    EXPECT_EQ(written(1, std::optional<int>(), csv()), "1,\n");
    EXPECT_EQ(written(1, std::optional(4), csv()), "1,4\n");
    EXPECT_THAT(refusal_of([] { (void)written(1, polygon{{{1, 2}}}, csv()); }), HasSubstr("no fields of CSV"));
}

TEST(formats, of_types_give_back_what_went_in) {
    output_format how;
    how.encoding = output_encoding::typed;
    std::string out;
    pair_format<std::string, polygon> format({}, how);
    format(out, std::string_view("triangle"), polygon{{{1, 2}, {3, 4}, {5, 6}}});
    format(out, std::string_view(""), polygon{});
    length_cursor records(out);
    std::string_view record;
    ASSERT_TRUE(records.next(record));
    const auto [name, shape] = read_typed_record<std::pair<std::string, polygon>>(record);
    EXPECT_EQ(name, "triangle");
    ASSERT_EQ(shape.corners.size(), 3U);
    EXPECT_EQ(shape.corners[2].y, 6);
    ASSERT_TRUE(records.next(record));
    EXPECT_EQ((read_typed_record<std::pair<std::string, polygon>>(record).first), "");
    EXPECT_FALSE(records.next(record));
    EXPECT_TRUE(records.at_end());
}

TEST(formats, of_types_say_when_another_type_is_expected) {
    output_format how;
    how.encoding = output_encoding::typed;
    how.schema = type_schema<std::pair<std::string, int>>();
    EXPECT_EQ(refusal_of([&] { pair_format<std::string, int>({}, how); }), "not refused");
    EXPECT_THAT(refusal_of([&] { pair_format<std::string, point>({}, how); }),
                HasSubstr("the job gives keys and values of (s,{x:i4,f8}), but the output takes (s,i4)"));
}

}  // namespace
}  // namespace sheaf::detail
