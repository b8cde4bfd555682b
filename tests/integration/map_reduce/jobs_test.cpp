// What jobs can be made of: reducers, formats, keys and values of other types, counters, and mappers that fail.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "word_count.hpp"

namespace sheaf::test {
namespace {

using testing::HasSubstr;

struct map_reduce_jobs : testing::Test {
    map_reduce_jobs() {
        write_file(place.input() / "a", "one two\ntwo three three\nthree\n");
        write_file(place.input() / "b", "two\n\nfour four four four\n");
    }
    outcome run_job(const std::string& name) {
        command what = place.program({});
        what.arguments = {program("tests/map_reduce_jobs"), name, place.output(), place.input()};
        return run(std::move(what));
    }
    // The lines of all output files, sorted.
    std::string output_lines() const {
        std::vector<std::string> lines;
        for (const std::string& name : names_in(place.output())) {
            std::istringstream text(read_file(place.output() + "/" + name));
            for (std::string line; std::getline(text, line);) lines.push_back(line + '\n');
        }
        std::ranges::sort(lines);
        std::string all;
        for (const std::string& line : lines) all += line;
        return all;
    }
    word_count_place place;
};

TEST_F(map_reduce_jobs, a_reducer_sees_all_values_of_a_key_and_writes_what_it_likes) {
    const outcome ended = run_job("index");
    ASSERT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(output_lines(), "four b\none a\nthree a\ntwo a b\n");
    EXPECT_THAT(ended.err, HasSubstr("counter   lines 6\n"));
}

TEST_F(map_reduce_jobs, keys_may_be_numbers_and_formats_free) {
    const outcome ended = run_job("lengths");
    ASSERT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(output_lines(), "3 of 5\n4 of 3\n4 of 4\n");
}

TEST_F(map_reduce_jobs, values_may_be_classes_and_a_combiner_may_go_before_a_reducer) {
    const outcome ended = run_job("statistics");
    ASSERT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(output_lines(), "a: 6, three\nb: 5, four\n");
}

TEST_F(map_reduce_jobs, an_exception_of_the_mapper_reaches_the_user_with_the_input_it_was_thrown_for) {
    const outcome ended = run_job("throwing");
    expect_failed(ended, place, "the third line makes no sense");
    EXPECT_THAT(ended.err, testing::ContainsRegex("split [0-9]+ .*input/[ab]")) << "which of them is first is chance";
}

TEST_F(map_reduce_jobs, a_mapper_that_crashes_every_time_fails_the_run) {
    const outcome ended = run_job("crashing");
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.err, HasSubstr("signal 11"));
    EXPECT_THAT(ended.err, HasSubstr("(the last of 4 attempts that failed)"));
    EXPECT_FALSE(std::filesystem::exists(place.output()));
    expect_no_leftovers(place);
}

}  // namespace
}  // namespace sheaf::test
