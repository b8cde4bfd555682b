// What runs leave: typed files, CSV, single files, containers and sinks in the driver; and what they replace.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
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
inline constexpr map_reduce<"order", std::string, std::string> order{};
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
    // How many partitions have a place in the output of this name, while it is made.
    [[nodiscard]] std::size_t claims_for(const std::string& name) const {
        std::size_t found = 0;
        for (const auto& staging : std::filesystem::directory_iterator(place.path())) {
            if (!staging.path().filename().string().starts_with("." + name)) continue;
            for (const auto& one : std::filesystem::directory_iterator(staging))
                found += one.path().filename().string().starts_with("claimed-") ? 1 : 0;
        }
        return found;
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

    std::map<std::string, std::uint64_t> once{{"b", 0}};
    EXPECT_THROW((void)count.run(on, {.input = text, .output = into(once), .partitions = 1}), run_failed);

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

TEST_F(map_reduce_outputs, of_records_of_one_size_are_written_in_place_and_right_even_where_the_size_is_not) {
    std::atomic<std::size_t> claims{0};
    jobs.bind(order, map_with([](const fixed_split& in, emitter<std::string, std::string>& out) {
                         for (const std::string_view record : in) out.emit(record.substr(0, 4), record.substr(4));
                     })
                         .partition_with(by_range)
                         .reduce_with([&](std::string_view key, auto& rests, std::string& out) {
                             if (key.starts_with("00")) claims += claims_for("sorted");
                             for (const std::string_view rest : rests) out.append(key).append(rest);
                         }));
    std::vector<std::string> records;
    for (std::size_t i = 0; i < 5000; ++i) {
        std::string number = std::to_string(i * 7919 % 5000 / 2);  // each twice
        records.push_back(std::string(4 - number.size(), '0') + number + (i % 3 == 0 ? "abc\nd\n" : "------"));
    }
    std::string content;
    for (const std::string& one : records) content += one;
    const input from = fixed_records({input_file("records", content)}, 10);
    std::ranges::stable_sort(records, {}, [](const std::string& one) { return one.substr(0, 4); });
    std::string expected;
    for (const std::string& one : records) expected += one;
    cluster on = jobs.inproc();
    for (const std::uint64_t bytes : {0, 10, 9, 11}) {
        for (const std::uint32_t partitions : {1, 3, 200}) {
            claims = 0;
            const auto report = order.run(on, {.input = from,
                                               .output = single_file(output("sorted"), {.record_bytes = bytes}),
                                               .overwrite = true,
                                               .partitions = partitions,
                                               .split_bytes = 7000});
            EXPECT_TRUE(content_of(report) == expected) << bytes << " bytes, " << partitions << " partitions";
            EXPECT_EQ(claims != 0, bytes != 0);
        }
    }
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
