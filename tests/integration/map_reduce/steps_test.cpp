// What jobs may be made of: mappers of records, filters, accumulators, orders, typed reducers, jobs without a reducer.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "in_process.hpp"

namespace sheaf::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Lines "city degrees".
constexpr std::string_view weather = "Oslo 3\nRome 20\nOslo 5\nLima 19\nbroken\nRome 30\nOslo -2\nLima 21\nRome 25\n";

std::optional<std::pair<std::string, int>> read_line(std::string_view line) {
    const auto blank = line.find(' ');
    int degrees = 0;
    if (blank == line.npos) return std::nullopt;
    std::from_chars(line.data() + blank + 1, line.data() + line.size(), degrees);
    return std::pair(std::string(line.substr(0, blank)), degrees);
}

struct mean {
    std::int64_t sum = 0;
    std::uint64_t count = 0;
    void add(int value) {
        sum += value;
        ++count;
    }
    void merge(mean&& other) {
        sum += other.sum;
        count += other.count;
    }
    [[nodiscard]] double value() const { return static_cast<double>(sum) / static_cast<double>(count); }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(sum, count);
    }
};

inline constexpr map_reduce<"hottest", std::string, int> hottest{};
inline constexpr map_reduce<"means", std::string, int> means{};
inline constexpr map_reduce<"letters", char, std::uint64_t> letters{};
inline constexpr map_reduce<"series", std::string, std::pair<int, std::string>> series{};
inline constexpr map_reduce<"numbers", std::int64_t, std::int64_t> squares{};
inline constexpr map_reduce<"grep", std::uint64_t, std::string> grep{};
inline constexpr map_reduce<"shout", std::string, std::string> shout{};

struct map_reduce_steps : in_process {};

TEST_F(map_reduce_steps, map_each_takes_an_optional_pair_and_filter_chooses_the_records_before) {
    jobs.bind(hottest, map_each(read_line)
                           .filter_with([](std::string_view line) { return !line.starts_with("Lima"); })
                           .combine_with([](int a, int b) { return std::max(a, b); }));
    cluster on = jobs.inproc();
    const auto report =
        hottest.run(on, {.input = text_files({input_file("in", weather)}), .output = output(), .partitions = 2});
    EXPECT_THAT(sorted_lines(report), ElementsAre("Oslo\t5", "Rome\t30"));
}

TEST_F(map_reduce_steps, accumulators_of_a_type_of_their_own_come_out_as_their_value) {
    jobs.bind(means, map_each(read_line).accumulate_with<mean>());
    cluster on = jobs.inproc();
    // Splits so small that every key is merged from several of them.
    const auto report =
        means.run(on, {.input = text_files({input_file("in", weather)}), .output = output(), .split_bytes = 8});
    EXPECT_THAT(sorted_lines(report), ElementsAre("Lima\t20", "Oslo\t2", "Rome\t25"));
    EXPECT_GT(report.splits, 4U);
}

TEST_F(map_reduce_steps, two_tiers_give_what_one_does) {
    jobs.bind(means, map_each(read_line).accumulate_with<mean>().in_two_tiers());
    cluster on = jobs.inproc();
    const auto report = means.run(
        on, {.input = text_files({input_file("in", weather)}), .output = output(), .partitions = 3, .split_bytes = 8});
    EXPECT_THAT(sorted_lines(report), ElementsAre("Lima\t20", "Oslo\t2", "Rome\t25"));
    const auto merges = std::ranges::count_if(report.attempt_log, [](const attempt_record& one) {
        return one.stage == run_stage::merge && one.outcome == attempt_record::end::won;
    });
    EXPECT_GE(merges, 3) << "of " << report.splits << " splits";
    EXPECT_EQ(leftovers(), 0U);
}

TEST_F(map_reduce_steps, map_each_may_return_any_number_of_pairs_or_emit_them) {
    const auto letters_of = [](std::string_view line) {
        std::vector<std::pair<char, std::uint64_t>> found;
        for (const char one : line) found.emplace_back(one, 1);
        return found;
    };
    jobs.bind(letters, map_each(letters_of).combine_with(std::plus<>{}));
    jobs.bind(squares, map_each([](std::int64_t number, emitter<std::int64_t, std::int64_t>& out) {
                           out.count("numbers");
                           out.emit(number % 3, number * number);
                       }).combine_with(std::plus<>{}));
    cluster on = jobs.inproc();
    EXPECT_THAT(
        sorted_lines(letters.run(on, {.input = text_files({input_file("in", "abca\nb\n")}), .output = output()})),
        ElementsAre("97\t2", "98\t2", "99\t1"));
    const auto report = squares.run(on, {.input = numbers(0, 10), .output = output("squares")});
    EXPECT_THAT(sorted_lines(report), ElementsAre("0\t126", "1\t66", "2\t93"));
    ASSERT_EQ(report.counters.size(), 1U);
    EXPECT_EQ(report.counters.front().second, 10U);
}

TEST_F(map_reduce_steps, values_of_a_key_come_in_the_order_that_was_asked_for) {
    jobs.bind(series, map_each([](std::string_view line) {
                          const auto made = read_line(line);
                          return made
                                     ? std::optional(std::pair(made->first, std::pair(made->second, std::string(line))))
                                     : std::nullopt;
                      }).order_values_by([](const auto& value) {
                            return -value.first;
                        }).reduce_with([](std::string_view city, auto& values, std::string& out) {
        out += city;
        for (const auto& [degrees, line] : values) out += ' ' + std::to_string(degrees);
        out += '\n';
    }));
    cluster on = jobs.inproc();
    const auto report =
        series.run(on, {.input = text_files({input_file("in", weather)}), .output = output(), .split_bytes = 10});
    EXPECT_THAT(sorted_lines(report), ElementsAre("Lima 21 19", "Oslo 5 3 -2", "Rome 30 25 20"));
}

TEST_F(map_reduce_steps, a_reducer_may_give_keys_and_values_of_other_types) {
    jobs.bind(means,
              map_each(read_line).reduce_to<int, std::string>([](std::string_view city, auto& values, auto& out) {
                  for (const int one : values) {
                      if (one > 10) out.emit(one, city);
                  }
                  out.count("cities");
              }));
    cluster on = jobs.inproc();
    std::map<int, std::string> hot;
    const auto report =
        means.run(on, {.input = text_files({input_file("in", weather)}), .output = into(hot), .partitions = 3});
    EXPECT_EQ(hot, (std::map<int, std::string>{{19, "Lima"}, {20, "Rome"}, {21, "Lima"}, {25, "Rome"}, {30, "Rome"}}));
    EXPECT_THAT(report.counters, ElementsAre(testing::Pair("cities", 3)));
    EXPECT_EQ(leftovers(), 0U);
}

TEST_F(map_reduce_steps, by_range_makes_parts_that_are_sorted_one_after_the_other) {
    jobs.bind(hottest, map_each([](std::string_view word) { return std::pair(word, 1); })
                           .partition_with(by_range)
                           .combine_with(std::plus<>{}));
    std::string text;
    std::map<std::string, int> expected;
    for (unsigned i = 0; i < 3000; ++i) {
        const std::string word = "w" + std::to_string(i * 7919 % 1000);
        text += word + '\n';
        ++expected[word];
    }
    cluster on = jobs.inproc();
    const auto report = hottest.run(on, {.input = text_files({input_file("in", text)}),
                                         .output = single_file(output()),
                                         .partitions = 5,
                                         .split_bytes = 2000});
    std::vector<std::string> wanted;
    for (const auto& [word, count] : expected) wanted.push_back(word + '\t' + std::to_string(count));
    EXPECT_EQ(lines_of(content_of(report)), wanted);
}

TEST_F(map_reduce_steps, keys_go_where_a_function_of_ones_own_says) {
    jobs.bind(hottest, map_each(read_line)
                           .partition_with([](std::string_view city, std::uint32_t partitions) {
                               return city == "Rome" ? partitions - 1 : 0;
                           })
                           .combine_with(std::plus<>{}));
    cluster on = jobs.inproc();
    const auto report =
        hottest.run(on, {.input = text_files({input_file("in", weather)}), .output = output(), .partitions = 3});
    EXPECT_EQ(read_file(place / "out" / "part-00000"), "Lima\t40\nOslo\t6\n");
    EXPECT_EQ(read_file(place / "out" / "part-00001"), "");
    EXPECT_EQ(read_file(place / "out" / "part-00002"), "Rome\t75\n");
}

TEST_F(map_reduce_steps, without_a_reducer_the_output_is_what_was_mapped_in_its_order) {
    jobs.bind(grep, map_with([](const text_split& in, std::string& out) {
                        for (const std::string_view line : in.lines()) {
                            if (line.find('o') != line.npos) out.append(line).append("\n");
                        }
                    }).map_only());
    jobs.bind(shout, map_each([](std::string_view line) {
                         return std::pair(std::string(line) + "!", std::string(line));
                     }).filter_with([](std::string_view line) {
                           return line.size() > 6;
                       }).map_only());
    cluster on = jobs.inproc();
    const auto text = text_files({input_file("in", weather)});
    const auto found = grep.run(on, {.input = text, .output = output(), .split_bytes = 12});
    EXPECT_EQ(content_of(found), "Oslo 3\nRome 20\nOslo 5\nbroken\nRome 30\nOslo -2\nRome 25\n");
    EXPECT_EQ(found.files.size(), found.splits);
    EXPECT_EQ(found.output_bytes, content_of(found).size());
    EXPECT_EQ(found.shuffled_bytes, 0U);
    const auto loud =
        shout.run(on, {.input = text, .output = single_csv_file(output("csv"), {.columns = {"loud", "line"}})});
    EXPECT_EQ(content_of(loud),
              "loud,line\nRome 20!,Rome 20\nLima 19!,Lima 19\nRome 30!,Rome 30\nOslo -2!,Oslo -2\n"
              "Lima 21!,Lima 21\nRome 25!,Rome 25\n");
    EXPECT_EQ(leftovers(), 0U);
}

TEST_F(map_reduce_steps, records_and_groups_that_throw_are_left_out_and_their_neighbours_are_not) {
    jobs.bind(means, map_each([](std::string_view line) {
                         const auto made = read_line(line);
                         if (!made) throw std::runtime_error("no blank");
                         return *made;
                     }).reduce_to<std::string, int>([](std::string_view city, auto& values, auto& out) {
        out.count("cities");
        for (const int one : values) {
            out.emit(city, one);
            if (one == 30) throw std::runtime_error("30 is not allowed");
        }
    }));
    cluster on = jobs.inproc();
    const auto report = means.run(
        on, {.input = text_files({input_file("in", weather)}), .output = output(), .partitions = 1, .bad_records = 2});
    EXPECT_THAT(sorted_lines(report), ElementsAre("Lima\t19", "Lima\t21", "Oslo\t-2", "Oslo\t3", "Oslo\t5"));
    EXPECT_EQ(report.bad_records, 2U);
    EXPECT_EQ(report.keys, 2U);
    EXPECT_THAT(report.counters, ElementsAre(testing::Pair("cities", 2)));
    const std::string bad = read_file(report.bad_records_file);
    EXPECT_THAT(bad, HasSubstr("no blank"));
    EXPECT_THAT(bad, HasSubstr("Rome"));
}

// ---- Where bad records are told of.

struct map_reduce_bad_records : map_reduce_steps {
    map_reduce_bad_records() {
        jobs.bind(hottest, map_each([this](std::string_view line) {
                               ++lines;
                               const auto made = read_line(line);
                               if (!made) throw std::runtime_error("no blank");
                               return *made;
                           })
                               .partition_with(by_range)
                               .combine_with([](int a, int b) { return std::max(a, b); }));
    }
    input text = text_files({input_file("in", weather)});
    std::atomic<int> lines{0};
};

TEST_F(map_reduce_bad_records, are_in_the_report_where_the_output_has_no_name_for_a_file) {
    cluster on = jobs.inproc();
    std::map<std::string, int> found;
    const auto report = hottest.run(on, {.input = text, .output = into(found), .partitions = 3, .bad_records = 1});
    EXPECT_EQ(found, (std::map<std::string, int>{{"Lima", 21}, {"Oslo", 5}, {"Rome", 30}}));
    EXPECT_EQ(report.bad_records_file, "");
    ASSERT_EQ(report.left_out.size(), 1U) << "samples list none";
    EXPECT_EQ(report.left_out.front().offset, 30U);
    std::ostringstream text_of_report;
    text_of_report << report;
    EXPECT_THAT(text_of_report.str(), HasSubstr("/in, byte 30: no blank"));
}

TEST_F(map_reduce_bad_records, replace_no_older_file_and_nothing_is_done_in_vain) {
    cluster on = jobs.inproc();
    const std::string older = input_file("out.bad-records", "older");
    EXPECT_THROW((void)hottest.run(on, {.input = text, .output = output(), .bad_records = 1}), run_failed);
    EXPECT_EQ(lines, 0);
    EXPECT_EQ(read_file(older), "older");
    const auto report = hottest.run(on, {.input = text, .output = output(), .overwrite = true, .bad_records = 1});
    EXPECT_EQ(report.bad_records_file, older);
    EXPECT_THAT(read_file(older), HasSubstr("no blank"));
}

TEST_F(map_reduce_bad_records, leave_no_file_of_a_run_whose_output_does_not_appear) {
    cluster on = jobs.inproc();
    const auto full = to_sink<std::string, int>([&](const std::string&, int) {
        EXPECT_TRUE(std::filesystem::exists(place / "bad"));
        throw std::runtime_error("the table is full");
    });
    EXPECT_THROW(
        (void)hottest.run(on, {.input = text, .output = full, .bad_records = 1, .bad_records_file = place / "bad"}),
        std::runtime_error);
    EXPECT_FALSE(std::filesystem::exists(place / "bad"));
}

TEST_F(map_reduce_bad_records, are_not_what_a_combiner_refuses) {
    jobs.bind(means, map_each(read_line).combine_with([](int a, int b) {
        if (a + b > 40) throw std::runtime_error("too hot");
        return a + b;
    }));
    cluster on = jobs.inproc();
    try {
        (void)means.run(on, {.input = text, .output = output(), .bad_records = 100, .attempts_max = 1});
        FAIL() << "the run has an output";
    } catch (const run_failed& why) {
        EXPECT_THAT(why.what(), HasSubstr("the combiner threw: too hot"));
    }
}

// ---- Disk space.

TEST_F(map_reduce_steps, in_two_tiers_what_was_merged_goes_and_is_made_again_when_it_has_to_be) {
    const auto remove_from_runs = [this](std::string_view prefix) {
        std::size_t removed = 0;
        for (const auto& one : std::filesystem::recursive_directory_iterator(place / "tmp")) {
            if (one.path().filename().string().starts_with(prefix)) removed += std::filesystem::remove(one.path());
        }
        return removed;
    };
    std::atomic<bool> lost{false};
    std::atomic<std::size_t> segments{0};
    jobs.bind(means, map_each(read_line).accumulate_with<mean>().in_two_tiers().format_with(
                         [&](std::string& out, std::string_view city, const mean& of) {
                             if (!lost.exchange(true)) {
                                 segments = remove_from_runs("map-");
                                 remove_from_runs("merge-");
                             }
                             out.append(city).append(" ").append(std::to_string(of.count)).append("\n");
                         }));
    cluster on = jobs.inproc();
    const auto report = means.run(
        on, {.input = text_files({input_file("in", weather)}), .output = output(), .partitions = 20, .split_bytes = 8});
    EXPECT_THAT(sorted_lines(report), ElementsAre("Lima 2", "Oslo 3", "Rome 3"));
    EXPECT_EQ(segments, 0U);
    EXPECT_GT(report.segments_lost, report.splits / 2);
}

}  // namespace
}  // namespace sheaf::test
