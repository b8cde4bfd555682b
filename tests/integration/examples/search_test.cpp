// The example "search": whole answers, partial ones, and hedged ones, against a search without a cluster.
#include <chrono>
#include <iomanip>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "examples/search/shard.hpp"
#include "integration/examples/example_run.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> words = {"kraken", "storm"};
constexpr std::uint32_t shards = 5;
constexpr std::size_t top = 4;
constexpr std::uint32_t hanging = 3;

// What the program prints when these shards do not answer.
std::string answer_without(const std::set<std::uint32_t>& missing) {
    std::vector<hit> best;
    for (std::uint32_t i = 0; i < shards; ++i) {
        if (!missing.contains(i)) merge_hits(best, shard(i).search(words, top), top);
    }
    std::ostringstream text;
    text << std::fixed << std::setprecision(2);
    for (const hit& one : best) {
        text << std::setw(6) << one.score << "  shard " << one.shard << ", page " << one.page << ": " << one.text
             << '\n';
    }
    text << "from " << shards - missing.size() << " of " << shards << " shards";
    const char* before = "; missing: ";
    for (const std::uint32_t one : missing) text << std::exchange(before, ", ") << one;
    return text.str() + '\n';
}

example_run search(std::chrono::milliseconds deadline, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"--shards",          std::to_string(shards), "--top",
                                       std::to_string(top), "--deadline",           std::to_string(deadline.count())};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.insert(arguments.end(), words.begin(), words.end());
    return run_example("search", arguments);
}

// The shards that the program says are missing.
std::set<std::uint32_t> missing_from(const std::string& output) {
    const std::string introduction = "; missing: ";
    const auto at = output.find(introduction);
    if (at == std::string::npos) return {};
    std::istringstream list(output.substr(at + introduction.size()));
    std::set<std::uint32_t> missing;
    for (std::string number; std::getline(list, number, ',');) {
        missing.insert(static_cast<std::uint32_t>(std::stoul(number)));
    }
    return missing;
}

TEST(search_example, merges_the_best_pages_of_all_shards) {
    const example_run run = search(patience / 2);
    EXPECT_EQ(run.status, 0) << run.errors;
    EXPECT_EQ(run.output, answer_without({}));
}

TEST(search_example, a_shard_that_is_not_there_cannot_hang) {
    const example_run run = search(patience / 2, {"--hang", std::to_string(shards)});
    EXPECT_EQ(run.status, 2);
    EXPECT_THAT(run.errors, ::testing::HasSubstr("there is no shard 5: they are 0 to 4"));
}

// How many of the shards that do not hang answer by a deadline is up to the machine. So the deadline grows until all of
// them do; whoever answers, the answer is the best of what they have, and the shard that hangs is not among them.
TEST(search_example, by_the_deadline_answers_without_the_shard_that_hangs) {
    std::set<std::uint32_t> missing;
    for (auto limit = 250ms; limit < patience / 2; limit *= 2) {
        const example_run run = search(limit, {"--hang", std::to_string(hanging)});
        ASSERT_EQ(run.status, 0) << run.errors;
        missing = missing_from(run.output);
        ASSERT_TRUE(missing.contains(hanging)) << run.output;
        ASSERT_EQ(run.output, answer_without(missing));
        if (missing.size() == 1) break;
    }
    EXPECT_THAT(missing, testing::ElementsAre(hanging));
}

TEST(search_example, hedged_asks_again_elsewhere_and_misses_nothing) {
    const example_run run = search(patience / 2, {"--hang", std::to_string(hanging), "--hedge", "20"});
    EXPECT_EQ(run.status, 0) << run.errors;
    EXPECT_EQ(run.output, answer_without({}));
}

}  // namespace
}  // namespace sheaf::test
