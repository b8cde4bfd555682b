// Whatever the order in which calls end and whichever fail: windows hold, and every item is accounted for.
#include <set>

#include <gtest/gtest.h>

#include "paper_run.hpp"

namespace {

using namespace paper;
namespace on_failure = sheaf::on_failure;

constexpr std::size_t room = 40;
const std::map<std::string, std::size_t> windows{{"double", 5}, {"upto", 4}, {"next", 3}, {"text", 2}, {"sum", 6}};

auto make_plan() {
    return sheaf::pipeline("random") | sheaf::stage(twice, {.window = 5, .on_failure = on_failure::skip}) |
           sheaf::fork(sheaf::stage(upto, {.window = 4, .on_failure = on_failure::skip}) |
                           sheaf::each(next, {.window = 3, .on_failure = on_failure::skip}),
                       sheaf::stage(text, {.window = 2, .on_failure = on_failure::collect})) |
           sheaf::join([](std::vector<int> all, const sheaf::result<std::string>& name) {
               if (!name) all.push_back(1000);
               return all;
           }) |
           sheaf::stage(sum, {.window = 6, .on_failure = on_failure::skip});
}

template <class Run>
void expect_windows_hold(const Run& line, unsigned seed) {
    std::map<std::string, std::size_t> out;
    for (const auto& one : line.calls) ++out[one.task];
    for (const auto& [task, count] : out) ASSERT_LE(count, windows.at(task)) << task << ", seed " << seed;
}

template <class Run>
void finish_watched(Run& line, std::mt19937& random, unsigned seed) {
    line.feed();
    while (!line.calls.empty()) {
        line.answer(random() % line.calls.size());
        expect_windows_hold(line, seed);
        if (random() % 3 == 0) line.take_all();
        if (line.calls.empty()) line.take_all();
        line.feed();
    }
}

TEST(pipeline_random_runs, hold_their_windows_and_lose_no_item) {
    for (unsigned seed = 1; seed <= 60; ++seed) {
        std::mt19937 random(seed);
        const auto failing = random() % 4 == 0 ? 0 : random() % 60;
        const bool in_order = random() % 2 == 0;
        paper::run line(make_plan(), {.in_order = in_order, .items = room});
        for (auto& [task, works] : line.answers) {
            works = [&random, failing, works = works](const std::string& arguments) -> raw_result {
                if (random() % 100 < failing) return failure{.code = errc::worker_lost, .message = "killed"};
                return works(arguments);
            };
        }
        for (int n = 0; n < 200; ++n) line.input.push_back(static_cast<int>(random() % 6));
        finish_watched(line, random, seed);

        const auto all = line.machine.summary();
        ASSERT_TRUE(line.machine.is_over()) << "seed " << seed;
        EXPECT_FALSE(line.machine.why()) << "seed " << seed;
        EXPECT_TRUE(adds_up(all)) << "seed " << seed;
        EXPECT_EQ(all.items, 200U);
        EXPECT_EQ(all.finished, line.delivered.size());
        EXPECT_EQ(all.finished + all.skipped, 200U);
        EXPECT_LE(all.most_items, room);
        EXPECT_EQ(line.machine.held_bytes(), 0U) << "seed " << seed;
        EXPECT_EQ(line.machine.calls_out(), 0U);
        std::set<std::uint64_t> places;
        std::uint64_t before = 0;
        for (const auto& [index, outcome] : line.delivered) {
            EXPECT_TRUE(places.insert(index).second) << "twice, seed " << seed;
            EXPECT_TRUE(!in_order || index >= before) << "seed " << seed;
            before = index;
        }
    }
}

}  // namespace
