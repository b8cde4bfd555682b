// What runs leave: typed files, CSV, single files, containers and sinks in the driver; and what they replace.
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "in_process.hpp"

namespace sheaf::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

inline constexpr map_reduce<"count", std::string, std::uint64_t> count{};
inline constexpr map_reduce<"again", std::string, std::uint64_t> again{};

struct map_reduce_outputs : in_process {
    map_reduce_outputs() {
        jobs.bind(count, map_each([](std::string_view line) {
                             return std::pair(line, std::uint64_t{1});
                         }).combine_with(std::plus<>{}));
        jobs.bind(again, map_each([](const std::pair<std::string_view, std::uint64_t>& one) {
                             return one;
                         }).combine_with(std::plus<>{}));
    }
    input text = text_files({input_file("in", "b\na,x\nb\nc\nb\nc\n")});
};

TEST_F(map_reduce_outputs, of_types_are_read_by_another_job) {
    cluster on = jobs.inproc();
    for (const bool single : {false, true}) {
        const std::string name = output(single ? "single" : "parts");
        const auto made = count.run(
            on, {.input = text, .output = single ? single_typed_file(name) : typed_parts(name), .partitions = 3});
        EXPECT_EQ(made.files.size(), single ? 1U : 3U);
        const auto report = again.run(on, {.input = typed_files<std::pair<std::string, std::uint64_t>>({name}),
                                           .output = output(single ? "b" : "a"),
                                           .partitions = 1});
        EXPECT_THAT(lines_of(content_of(report)), ElementsAre("a,x\t1", "b\t3", "c\t2"));
    }
}

TEST_F(map_reduce_outputs, of_csv_have_a_line_of_names_in_each_part_and_one_in_a_single_file) {
    cluster on = jobs.inproc();
    const csv_output_options how{.columns = {"line", "count"}};
    const auto parts = count.run(on, {.input = text, .output = csv_parts(output(), how), .partitions = 2});
    for (const std::string& file : parts.files)
        EXPECT_TRUE(read_file(place / "out" / file).starts_with("line,count\n"));
    const auto single = count.run(on, {.input = text, .output = single_csv_file(output("one"), how), .partitions = 2});
    EXPECT_THAT(sorted_lines(single), ElementsAre("\"a,x\",1", "b,3", "c,2", "line,count"));
}

TEST_F(map_reduce_outputs, in_the_driver_come_once_and_in_order_or_not_at_all) {
    cluster on = jobs.inproc();
    std::vector<std::pair<std::string, std::uint64_t>> rows{{"there before", 0}};
    (void)count.run(on, {.input = text, .output = into(rows), .partitions = 1});
    EXPECT_THAT(rows, ElementsAre(Pair("there before", 0), Pair("a,x", 1), Pair("b", 3), Pair("c", 2)));

    std::uint64_t sum = 0;
    (void)count.run(
        on, {.input = text, .output = to_sink<std::string, std::uint64_t>([&](const std::string&, std::uint64_t one) {
                                sum += one;
                            })});
    EXPECT_EQ(sum, 6U);
    const auto full = to_sink<std::string, std::uint64_t>(
        [](const std::string&, std::uint64_t) { throw std::runtime_error("the table is full"); });
    EXPECT_THROW((void)count.run(on, {.input = text, .output = full}), std::runtime_error);
    EXPECT_EQ(leftovers(), 0U);
}

TEST_F(map_reduce_outputs, replace_an_older_one_only_when_they_are_told_to) {
    cluster on = jobs.inproc();
    (void)count.run(on, {.input = text, .output = output(), .partitions = 3});
    EXPECT_THROW((void)count.run(on, {.input = text, .output = output()}), run_failed);
    const auto report = count.run(on, {.input = text, .output = output(), .overwrite = true, .partitions = 1});
    EXPECT_THAT(report.files, ElementsAre("part-00000"));
    EXPECT_FALSE(std::filesystem::exists(place / "out" / "part-00001"));
    write_file(place / "out" / "notes", "mine");
    EXPECT_THROW((void)count.run(on, {.input = text, .output = output(), .overwrite = true}), run_failed);
    EXPECT_EQ(read_file(place / "out" / "notes"), "mine");
}

}  // namespace
}  // namespace sheaf::test
