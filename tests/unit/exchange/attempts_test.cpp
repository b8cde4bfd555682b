// Map and reduce attempts together: whatever the splits, partitions and budgets, the output is what a std::map gives.

#include <algorithm>
#include <csignal>
#include <functional>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <gtest/gtest.h>

#include "unit/exchange/run_fixture.hpp"
#include "unit/exchange/text_attempts.hpp"
#include <sheaf/runtime/error.hpp>
#include <sheaf/words.hpp>

namespace sheaf::detail {
namespace {

using test::map_text;
using test::reduce_folded_text;
using test::reduce_grouped_text;
using test::run_fixture;
using test::run_shape;

constexpr shuffle<keep_all> kept{};
constexpr combine_by<std::plus<>> added{};
constexpr shuffle<combine_by<std::plus<>>> summed{};

using counts = std::map<std::string, std::uint64_t>;

void count_words(const text_split& text, emitter<std::string, std::uint64_t>& out) {
    for_each_word(text.text(), [&out](std::string_view word) { out.emit(word, 1); });
}

void format_count(std::string& out, std::string_view word, std::uint64_t count) {
    out.append(word).append("\t").append(std::to_string(count)).append("\n");
}

void sum_counts(std::string_view word, value_range<std::uint64_t>& values, std::string& out) {
    std::uint64_t sum = 0;
    for (const std::uint64_t one : values) sum += one;
    format_count(out, word, sum);
}

enum class way { combine_both, combine_map_gather_reduce, gather };

// What an output file says. Checks that its keys are sorted and told once.
counts read_counts(const std::string& text) {
    counts all;
    std::istringstream in(text);
    std::string word;
    for (std::uint64_t count; in >> word >> count;) {
        EXPECT_TRUE(all.empty() || all.rbegin()->first < word) << word;
        all.emplace_hint(all.end(), word, count);
    }
    return all;
}

counts run_word_count(run_fixture& run, const run_shape& shape, way how, std::uint64_t& spills) {
    std::vector<std::string> files;
    std::uint64_t records = 0;
    for (const map_assignment& split : run.plan(shape)) {
        const map_output done = how == way::gather ? map_text<std::string, std::uint64_t>(split, kept, count_words)
                                                   : map_text<std::string, std::uint64_t>(split, summed, count_words);
        files.push_back(done.file);
        records += done.records_out;
        spills += done.spills;
    }
    counts all;
    std::size_t keys = 0;
    for (std::uint32_t partition = 0; partition < shape.partitions; ++partition) {
        const reduce_assignment what = run.reduction(partition, files, shape);
        const reduce_output done = how == way::combine_both
                                       ? reduce_folded_text<std::string, std::uint64_t>(what, added, format_count)
                                       : reduce_grouped_text<std::string, std::uint64_t>(what, no_order{}, sum_counts);
        const std::string text = test::read_file(run.output() / done.file);
        EXPECT_EQ(text.size(), done.output_bytes);
        const counts part = read_counts(text);
        EXPECT_EQ(part.size(), done.records_out);
        records -= done.records_in;
        keys += part.size();
        spills += done.spills;
        all.insert(part.begin(), part.end());
    }
    EXPECT_EQ(records, 0u) << "records were lost or doubled between map and reduce";
    EXPECT_EQ(keys, all.size()) << "a key is in two partitions";
    return all;
}

class word_count : public testing::TestWithParam<way> {};

TEST_P(word_count, equals_a_map_whatever_the_splits_partitions_and_budgets) {
    const std::uint64_t seed = test::random_seed();
    SCOPED_TRACE("SHEAF_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::uint64_t spills = 0;
    for (int round = 0; round < 25; ++round) {
        run_fixture run;
        counts expected;
        for (std::size_t files = random() % 4; files-- > 0;) {
            const std::string text = test::random_text(random, random() % 60'000);
            run.add_input(text);
            for_each_word(text, [&](std::string_view word) { ++expected[std::string(word)]; });
        }
        const run_shape shape{.partitions = static_cast<std::uint32_t>(1 + random() % 20),
                              .split_bytes = 1 + random() % 30'000 + 500,
                              .memory_budget = round % 3 == 0 ? 1 << 24 : random() % 60'000,
                              .pieces_per_split = 1 + random() % 5};
        ASSERT_EQ(run_word_count(run, shape, GetParam(), spills), expected) << "round " << round;
        ASSERT_EQ(test::files_in(run.run()) - 1, run.plan(shape).size()) << "only nonce and segments stay";
        ASSERT_EQ(test::files_in(run.output()), shape.partitions);
    }
    EXPECT_GT(spills, 0u) << "the budgets are to be small enough to be tested";
}

std::string name_of(const testing::TestParamInfo<way>& info) {
    static constexpr const char* names[] = {"combining", "combining_then_gathering", "gathering"};
    return names[static_cast<int>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(ways, word_count,
                         testing::Values(way::combine_both, way::combine_map_gather_reduce, way::gather), name_of);

// Runs one map and one reduce attempt over `text` and returns the output.
template <class K, class V, class Map, class Combine, class Format>
std::string combine_all(const std::string& text, const run_shape& shape, Map map, Combine combine, Format format) {
    run_fixture run;
    run.add_input(text);
    std::vector<std::string> files;
    for (const map_assignment& split : run.plan(shape)) {
        files.push_back(map_text<K, V>(split, shuffle<combine_by<Combine>>{{combine}}, map).file);
    }
    std::string all;
    for (std::uint32_t partition = 0; partition < shape.partitions; ++partition) {
        const reduce_output done =
            reduce_folded_text<K, V>(run.reduction(partition, files, shape), combine_by<Combine>{combine}, format);
        all += test::read_file(run.output() / done.file);
    }
    return all;
}

TEST(attempts, values_that_own_memory_are_combined_in_place_and_across_spills) {
    std::string text;
    for (int i = 0; i < 3000; ++i) text += "key" + std::to_string(i % 70) + "\n";
    const auto list = [](const text_split& in, emitter<std::string, std::vector<std::uint32_t>>& out) {
        auto offset = static_cast<std::uint32_t>(in.offset());
        for (const std::string_view line : in.lines()) {
            out.emit(line, {offset});
            offset += static_cast<std::uint32_t>(line.size() + 1);
        }
    };
    const auto join = [](std::vector<std::uint32_t> a, const std::vector<std::uint32_t>& b) {
        a.insert(a.end(), b.begin(), b.end());
        return a;
    };
    const auto format = [](std::string& out, std::string_view key, const std::vector<std::uint32_t>& offsets) {
        out.append(key);
        for (const std::uint32_t offset : offsets) out.append(" ").append(std::to_string(offset));
        out += '\n';
    };
    std::map<std::string, std::string> expected;
    std::size_t offset = 0;
    for (int i = 0; i < 3000; ++i) {
        const std::string key = "key" + std::to_string(i % 70);
        expected[key] += " " + std::to_string(offset);
        offset += key.size() + 1;
    }
    std::string wanted;
    for (const auto& [key, offsets] : expected) wanted += key + offsets + "\n";
    for (const std::uint64_t budget : {0, 8000, 1 << 20}) {
        const run_shape shape{.partitions = 1, .split_bytes = 5000, .memory_budget = budget};
        EXPECT_EQ((combine_all<std::string, std::vector<std::uint32_t>>(text, shape, list, join, format)), wanted);
    }
}

TEST(attempts, integers_as_keys_come_out_in_their_natural_order) {
    const auto parse = [](const text_split& in, emitter<std::int32_t, std::int64_t>& out) {
        for (const std::string_view line : in.lines()) out.emit(std::stoi(std::string(line)), -1);
    };
    const auto format = [](std::string& out, std::int32_t key, std::int64_t value) {
        out += std::to_string(key) + ":" + std::to_string(value) + " ";
    };
    EXPECT_EQ((combine_all<std::int32_t, std::int64_t>("3\n-5\n100000\n3\n0\n-200000\n-5\n3\n", {.partitions = 1},
                                                       parse, std::plus<>{}, format)),
              "-200000:-1 -5:-2 0:-1 3:-3 100000:-1 ");
}

TEST(attempts, keys_with_zeros_at_their_ends_are_kept_apart) {
    using namespace std::string_literals;
    const auto emit = [](const text_split&, emitter<std::string, std::uint64_t>& out) {
        for (const std::string& key : {"a"s, "a\0"s, "a\0\0"s, ""s, "\0"s, "a\0"s}) out.emit(key, 1);
    };
    const auto format = [](std::string& out, std::string_view key, std::uint64_t value) {
        out += std::to_string(key.size()) + ":" + std::to_string(value) + " ";
    };
    EXPECT_EQ((combine_all<std::string, std::uint64_t>("x", {.partitions = 1}, emit, std::plus<>{}, format)),
              "0:1 1:1 1:1 2:2 3:1 ");
}

TEST(attempts, a_reducer_may_leave_values_and_gets_them_in_the_order_of_the_input) {
    run_fixture run;
    run.add_input("b 1\na 2\nb 3\na 4\nb 5\nc 6\n");
    const run_shape shape{.partitions = 1, .split_bytes = 9};
    std::vector<std::string> files;
    const auto split_line = [](const text_split& in, emitter<std::string, std::string>& out) {
        for (const std::string_view line : in.lines()) out.emit(line.substr(0, 1), std::string(line.substr(2)));
    };
    for (const map_assignment& split : run.plan(shape)) {
        files.push_back(map_text<std::string, std::string>(split, kept, split_line).file);
    }
    EXPECT_EQ(files.size(), 3u);
    const auto first_two = [](std::string_view key, auto& values, std::string& out) {
        out.append(key);
        std::size_t taken = 0;
        for (const std::string& value : values) {
            out += value;
            if (++taken == 2) break;
        }
        out += ' ';
    };
    const reduce_output done =
        reduce_grouped_text<std::string, std::string>(run.reduction(0, files, shape), no_order{}, first_two);
    EXPECT_EQ(test::read_file(run.output() / done.file), "a24 b13 c6 ");
    EXPECT_EQ(done.records_in, 6u);
    EXPECT_EQ(done.records_out, 3u);
}

TEST(attempts, counters_are_added_up_and_progress_reaches_the_end) {
    run_fixture run;
    const std::string path = run.add_input("good\nbad\nbad\n");
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    const attempt_hooks hooks{.progress = [&](std::uint64_t now, std::uint64_t all) {
        done = now;
        total = all;
    }};
    const auto mapper = [](const text_split& in, emitter<std::string, std::uint64_t>& out) {
        for (const std::string_view line : in.lines()) {
            if (line == "bad") out.count("bad lines");
        }
    };
    const map_output output =
        map_text<std::string, std::uint64_t>(run.assignment({run_fixture::whole(path)}, {}), summed, mapper, hooks);
    EXPECT_EQ(output.counters, (counters{{"bad lines", 2}}));
    EXPECT_EQ(output.input_bytes, 13u);
    EXPECT_EQ(done, 13u);
    EXPECT_EQ(total, 13u);
}

TEST(attempts, a_stop_ends_the_attempt_and_leaves_no_file) {
    run_fixture run;
    const std::string path = run.add_input("some words\n");
    std::stop_source stop;
    const auto mapper = [&stop](const text_split&, emitter<std::string, std::uint64_t>& out) {
        stop.request_stop();
        for (;;) out.emit("word", 1);
    };
    try {
        (void)map_text<std::string, std::uint64_t>(run.assignment({run_fixture::whole(path)}, {}), summed, mapper,
                                                   {.stop = stop.get_token()});
        FAIL();
    } catch (const runtime_failure& why) {
        EXPECT_EQ(why.code(), errc::cancelled);
    }
    EXPECT_EQ(test::files_in(run.run()), 1u);
}

TEST(attempts, a_mapper_that_throws_leaves_no_file_and_its_exception_is_passed_on) {
    run_fixture run;
    const std::string path = run.add_input("some words\n");
    const auto mapper = [](const text_split&, emitter<std::string, std::uint64_t>&) {
        throw std::domain_error("bad words");
    };
    EXPECT_THROW(
        (void)(map_text<std::string, std::uint64_t>(run.assignment({run_fixture::whole(path)}, {}), summed, mapper)),
        std::domain_error);
    EXPECT_EQ(test::files_in(run.run()), 1u);
}

TEST(attempts, an_input_that_is_cut_short_while_it_is_mapped_is_refused_and_leaves_no_file) {
    run_fixture run;
    const std::string path = run.add_input(std::string(40'000, 'x') + "\n");
    const auto mapper = [&path](const text_split& in, emitter<std::string, std::uint64_t>& out) {
        std::filesystem::resize_file(path, 5000);
        for_each_word(in.text(), [&out](std::string_view word) { out.emit(word, 1); });
        throw std::domain_error("what a mapper makes of zeros");
    };
    EXPECT_THROW(
        (void)(map_text<std::string, std::uint64_t>(run.assignment({run_fixture::whole(path)}, {}), summed, mapper)),
        unit_refused);
    EXPECT_EQ(test::files_in(run.run()), 1u);
}

TEST(attempts, a_worker_that_sees_another_directory_says_so) {
    run_fixture run;
    const std::string path = run.add_input("some words\n");
    map_assignment what = run.assignment({run_fixture::whole(path)}, {});
    for (const std::string& directory : {std::string("/nowhere/to/be/seen"), run.output().string()}) {
        what.run_directory = directory;
        try {
            (void)map_text<std::string, std::uint64_t>(what, summed, count_words);
            FAIL();
        } catch (const runtime_failure& why) {
            EXPECT_NE(std::string(why.what()).find(directory), std::string::npos) << why.what();
        }
    }
    what.run_directory = run.run();
    what.run_nonce = "of another run";
    EXPECT_THROW((void)(map_text<std::string, std::uint64_t>(what, summed, count_words)), runtime_failure);
}

TEST(attempts, a_lost_or_damaged_segment_is_named_so_that_it_can_be_made_again) {
    run_fixture run;
    run.add_input("some words in a file\n");
    const run_shape shape{.partitions = 1};
    const std::string file = map_text<std::string, std::uint64_t>(run.plan(shape).front(), summed, count_words).file;
    const reduce_assignment what = run.reduction(0, {file}, shape);
    std::string bytes = test::read_file(run.run() / file);
    bytes[60] = static_cast<char>(bytes[60] ^ 1);
    for (const bool there : {true, false}) {
        std::filesystem::remove(run.run() / file);
        if (there) test::write_file(run.run() / file, bytes);
        try {
            (void)reduce_folded_text<std::string, std::uint64_t>(what, added, format_count);
            FAIL();
        } catch (const segment_lost& why) {
            EXPECT_EQ(why.file, file);
            EXPECT_NE(why.message.find(file), std::string::npos) << why.message;
        }
    }
    EXPECT_EQ(test::files_in(run.output()), 0u);
}

// While it lives, files cannot grow above `bytes`: the nearest thing to a full disk that needs no privileges.
class file_size_limit {
  public:
    explicit file_size_limit(rlim_t bytes) : handler_before_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    file_size_limit(const file_size_limit&) = delete;
    file_size_limit& operator=(const file_size_limit&) = delete;
    ~file_size_limit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        (void)std::signal(SIGXFSZ, handler_before_);
    }

  private:
    rlimit before_{};
    void (*handler_before_)(int);
};

TEST(attempts, a_write_that_no_attempt_could_do_is_refused_with_path_and_reason) {
    run_fixture run;
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "word" + std::to_string(i) + "\n";
    run.add_input(text);
    const run_shape shape{.partitions = 1, .split_bytes = 1 << 20};
    const map_assignment split = run.plan(shape).front();
    const auto segment = map_text<std::string, std::uint64_t>(split, summed, count_words);
    const file_size_limit limit(1000);
    try {
        (void)map_text<std::string, std::uint64_t>(split, summed, count_words);
        FAIL();
    } catch (const unit_refused& why) {
        EXPECT_NE(why.message.find(run.run()), std::string::npos) << why.message;
        EXPECT_NE(why.message.find("File too large"), std::string::npos) << why.message;
    }
    EXPECT_THROW((void)(reduce_folded_text<std::string, std::uint64_t>(run.reduction(0, {segment.file}, shape), added,
                                                                       format_count)),
                 unit_refused);
    EXPECT_EQ(test::files_in(run.run()), 2u);
    EXPECT_EQ(test::files_in(run.output()), 0u);
}

}  // namespace
}  // namespace sheaf::detail
