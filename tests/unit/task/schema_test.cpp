#include <string>

#include <sheaf/schema.hpp>

// Cereal's own functions for the same types must not get in the way.
#include <cereal/types/array.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/memory.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>
#include <gtest/gtest.h>

#include "support/wire_shapes.hpp"

namespace {

using namespace sheaf::test;
using sheaf::schema_difference;

struct unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
    int err = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(err));
    }
};
struct not_found : std::runtime_error {
    using std::runtime_error::runtime_error;
};

template <sheaf::fixed_string Name, class... Rest>
std::string text() {
    return sheaf::schema<sheaf::task<Name, Rest...>>().text;
}
template <class... Rest>
std::uint64_t fingerprint() {
    return sheaf::schema<sheaf::task<"f", Rest...>>().fingerprint;
}

// The texts and numbers below are compared between processes of different builds: they must never change.

TEST(schema, names_arguments_result_and_errors) {
    EXPECT_EQ((text<"fs.stats", stats(std::string), sheaf::throws<unreadable, not_found>>()),
              "fs.stats(s)->{path:s,words:u8}!unreadable{err:i4}!not_found{}");
    EXPECT_EQ((text<"nop", void()>()), "nop()->n");
}

TEST(schema, describes_every_kind_of_type) {
    EXPECT_EQ((text<"f", void(bool, char, signed char, unsigned long, float, double, color)>()),
              "f(b,c1,i1,u8,f4,f8,u1)->n");
    EXPECT_EQ((text<"f", void(associations)>()), "f((<s,i4>,<i4,s>,<i4,i4>+,<s>,<i1>+))->n");
    EXPECT_EQ((text<"f", void(sequences)>()), "f(([f8],[b],[s],[u1],[[c1;2]]))->n");
    EXPECT_EQ((text<"f", void(choices)>()), "f((n|i4|s|?{path:s,words:u8}|(b,c1)))->n");
    EXPECT_EQ((text<"f", void(std::variant<int>, std::tuple<int>)>()), "f((i4|),(i4))->n");
    EXPECT_EQ((text<"f", void(times)>()), "f((i8@1/1000,f8@1/1,i8@epoch/1/1000000000))->n");
    EXPECT_EQ((text<"f", void(classes)>()),
              "f(({path:s,words:u8,u1,[i2;3],[f8;2]},{s,u4},{i4},{cereal_class_version:u4,i4},{}))->n");
}

TEST(schema, a_stream_is_no_list) {
    using streamed = sheaf::task<"f", sheaf::stream<int>()>;
    EXPECT_EQ(sheaf::schema<streamed>().text, "f()->*i4");
    EXPECT_EQ(schema_difference("f()->*i4", "f()->*i8"), "result: element: i4 here, i8 there");
    EXPECT_EQ(schema_difference("f()->*i4", "f()->[i4]"), "result: *i4 here, [i4] there");
}

TEST(schema, a_class_within_itself_is_a_reference) {
    EXPECT_EQ((text<"f", tree(std::vector<tree>)>()),
              "f([{value:i4,children:[^1],spare:?^1}])->{value:i4,children:[^1],spare:?^1}");
}

TEST(schema, a_raw_task_has_none) {
    const auto& none = sheaf::schema<sheaf::task<"f", std::string(std::string), sheaf::raw>>();
    EXPECT_EQ(none.text, "");
    EXPECT_EQ(none.fingerprint, 0U);
}

TEST(fingerprint, is_the_same_in_every_build) {
    EXPECT_EQ((fingerprint<stats(std::string), sheaf::throws<unreadable>>()), 6732498315847082218U);
    EXPECT_EQ((fingerprint<void()>()), 1021079216008498413U);
    EXPECT_EQ(sheaf::detail::fnv1a64("a"), 0xaf63dc4c8601ec8cU);
}

struct renamed_stats {
    std::string file;
    std::uint64_t count = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(file, CEREAL_NVP(count));
    }
};

TEST(fingerprint, names_of_tasks_fields_and_errors_do_not_count) {
    EXPECT_EQ((fingerprint<stats()>()), (fingerprint<renamed_stats()>()));
    EXPECT_EQ((sheaf::schema<sheaf::task<"f", stats()>>().fingerprint),
              (sheaf::schema<sheaf::task<"g", stats()>>().fingerprint));
}

TEST(fingerprint, whatever_changes_the_encoding_counts) {
    EXPECT_NE((fingerprint<int(int)>()), (fingerprint<int(unsigned)>()));
    EXPECT_NE((fingerprint<int(int)>()), (fingerprint<int(int, int)>()));
    EXPECT_NE((fingerprint<int(int, int)>()), (fingerprint<int(std::pair<int, int>)>()));
    EXPECT_NE((fingerprint<int(int)>()), (fingerprint<int(int), sheaf::throws<not_found>>()));
    EXPECT_NE((fingerprint<void(std::chrono::seconds)>()), (fingerprint<void(std::chrono::milliseconds)>()));
}

TEST(schema_difference, says_where_and_what) {
    const std::string here = "f(s,[i4])->{path:s,words:u8}!unreadable{err:i4}";
    EXPECT_EQ(schema_difference(here, "f(s,[i4])->{path:s,words:u4}!unreadable{err:i4}"),
              "result: field 2 \"words\": u8 here, u4 there");
    EXPECT_EQ(schema_difference(here, "f(s,[i8])->n"), "argument 2: element: i4 here, i8 there");
    EXPECT_EQ(schema_difference(here, "f(s)->n"), "argument 2: [i4] here, missing there");
    EXPECT_EQ(schema_difference(here, "f(s,[i4],b)->n"), "argument 3: missing here, b there");
    EXPECT_EQ(schema_difference(here, "f(s,[i4])->n"), "result: {path:s,words:u8} here, n there");
    EXPECT_EQ(schema_difference(here, "f(s,[i4])->{path:s}!unreadable{err:i4}"),
              "result: field 2 \"words\": u8 here, missing there");
    EXPECT_EQ(schema_difference(here, "f(s,[i4])->{path:s,words:u8}!unreadable{err:i8}"),
              "error 1 \"unreadable\": field 1 \"err\": i4 here, i8 there");
    EXPECT_EQ(schema_difference(here, "f(s,[i4])->{path:s,words:u8}"),
              "error 1 \"unreadable\": {err:i4} here, missing there");
}

TEST(schema_difference, finds_its_way_through_every_kind_of_type) {
    EXPECT_EQ(schema_difference("f(<s,(i4|?b)>)->n", "f(<s,(i4|?s)>)->n"),
              "argument 1: value: alternative 2: value: b here, s there");
    EXPECT_EQ(schema_difference("f([i4;3])->n", "f([i4;4])->n"), "argument 1: [i4;3] here, [i4;4] there");
    EXPECT_EQ(schema_difference("f(<s>)->n", "f(<s>+)->n"), "argument 1: <s> here, <s>+ there");
    EXPECT_EQ(schema_difference("f((i4))->n", "f((i4|))->n"), "argument 1: (i4) here, (i4|) there");
    EXPECT_EQ(schema_difference("f({^1})->n", "f({^2})->n"), "argument 1: field 1: ^1 here, ^2 there");
    EXPECT_EQ(schema_difference("f(i8@1/1)->n", "f(i8@1/1000)->n"), "argument 1: i8@1/1 here, i8@1/1000 there");
}

TEST(schema_difference, names_alone_are_none) {
    EXPECT_EQ(schema_difference("f({a:i4})->n!e{x:s}", "g({b:i4})->n!d{s}"), "");
    const std::string text = sheaf::schema<sheaf::task<"f", classes(associations, times, choices, tree)>>().text;
    EXPECT_EQ(schema_difference(text, text), "");
    EXPECT_EQ(schema_difference(text, "g" + text.substr(1)), "");
}

TEST(schema_difference, text_that_is_no_schema_is_called_that) {
    const std::string good = "f(s)->n";
    for (const std::string& bad : {std::string(), std::string("f"), std::string("f(s"), std::string("f(s)->"),
                                   std::string("f(s)->n,"), "f(" + std::string(100'000, '?'), std::string("f([i4;)->n"),
                                   "f(" + std::string(1000, '['), std::string("f(s)->{a:}")}) {
        EXPECT_EQ(schema_difference(good, bad), "the other side's schema cannot be read") << bad.substr(0, 40);
        EXPECT_EQ(schema_difference(bad, good), "this side's schema cannot be read") << bad.substr(0, 40);
    }
}

}  // namespace
