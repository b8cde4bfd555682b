// What becomes of items that fail, and of everything else then.
#include <set>

#include <gtest/gtest.h>

#include "paper_run.hpp"

namespace {

using namespace paper;
namespace on_failure = sheaf::on_failure;

/// Fails, in the way of a lost worker or of the task's own error, every `one_in`th call of "double".
template <class Run>
void fail_some(Run& line, int one_in) {
    const auto works = line.answers["double"];
    line.answers["double"] = [works, one_in](const std::string& arguments) -> raw_result {
        const int n = number_in(arguments);
        if (n % one_in != 0) return works(arguments);
        if (n % 2 == 0) return failure{.code = errc::worker_lost, .message = "killed", .task = "double", .signal = 9};
        return failure{.code = errc::remote_exception, .message = "odd", .task = "double", .typed_index = 0};
    };
}

std::vector<int> numbers(int count) {
    std::vector<int> all;
    for (int n = 0; n < count; ++n) all.push_back(n);
    return all;
}

TEST(pipeline_failure, ends_the_run_and_cancels_what_is_out) {
    paper::run line(sheaf::pipeline("fails") | sheaf::stage(twice, {.window = 4}) | sheaf::stage(next));
    line.input.assign(100, 7);
    line.feed();
    line.answers["double"] = [](const std::string&) -> raw_result {
        return failure{.code = errc::worker_lost, .message = "killed"};
    };
    line.answer(1);
    EXPECT_TRUE(line.machine.is_over());
    ASSERT_TRUE(line.machine.why());
    EXPECT_EQ(line.machine.why()->why.message, "killed");
    EXPECT_EQ(line.machine.why()->at, 0U);
    EXPECT_TRUE(line.calls.empty());
    EXPECT_EQ(line.cancelled, 3U);
    EXPECT_TRUE(adds_up(line.machine.summary()));
    EXPECT_EQ(line.machine.summary().unfinished, line.machine.summary().items);
    EXPECT_EQ(line.machine.held_bytes(), 0U);
    EXPECT_FALSE(line.machine.wants_item());
}

TEST(pipeline_failure, of_a_local_function_keeps_what_was_thrown) {
    paper::run line(sheaf::pipeline<int>("fails") | sheaf::transform([](int n) {
                        if (n == 2) throw odd("two");
                        return n;
                    }));
    line.go({1, 2, 3});
    ASSERT_TRUE(line.machine.why());
    EXPECT_THROW(std::rethrow_exception(line.machine.why()->thrown), odd);
    EXPECT_EQ(line.outcomes(), (std::vector<int>{1}));
}

struct share {
    int one_in;
    std::uint64_t failed;
};

class pipeline_shares : public testing::TestWithParam<share> {};

TEST_P(pipeline_shares, skipped_items_are_missing_and_accounted_for) {
    const auto [one_in, failed] = GetParam();
    for (const bool in_order : {false, true}) {
        paper::run line(
            sheaf::pipeline("skips") | sheaf::stage(twice, {.on_failure = on_failure::skip}) | sheaf::stage(text),
            {.in_order = in_order});
        fail_some(line, one_in);
        line.go(numbers(200));
        const auto all = line.machine.summary();
        EXPECT_TRUE(adds_up(all));
        EXPECT_FALSE(line.machine.why());
        EXPECT_EQ(all.skipped, failed);
        EXPECT_EQ(all.finished, 200 - failed);
        EXPECT_EQ(line.stage("double").failed, failed);
        EXPECT_EQ(line.delivered.size(), 200 - failed);
        EXPECT_EQ(std::count_if(line.noted.begin(), line.noted.end(),
                                [](const auto& e) { return std::holds_alternative<sheaf::events::item_failed>(e); }),
                  static_cast<std::ptrdiff_t>(failed));
    }
}

TEST_P(pipeline_shares, collected_failures_are_outcomes) {
    const auto [one_in, failed] = GetParam();
    const auto plan = sheaf::pipeline("collects") | sheaf::stage(twice, {.on_failure = on_failure::collect});
    static_assert(std::is_same_v<decltype(plan)::output_type, sheaf::result<int>>);
    paper::run line(plan);
    fail_some(line, one_in);
    line.go(numbers(200));
    std::uint64_t seen = 0;
    for (const auto& [index, outcome] : line.delivered) {
        if (outcome) {
            EXPECT_EQ(*outcome, 2 * static_cast<int>(index));
            continue;
        }
        ++seen;
        EXPECT_EQ(outcome.error().code, index % 2 == 0 ? errc::worker_lost : errc::remote_exception);
        EXPECT_EQ(outcome.error().signal, index % 2 == 0 ? 9 : 0);
    }
    EXPECT_EQ(seen, failed);
    EXPECT_EQ(line.delivered.size(), 200U);
    EXPECT_TRUE(adds_up(line.machine.summary()));
}

TEST_P(pipeline_shares, of_an_each_elements_are_left_out_or_collected) {
    const auto [one_in, failed] = GetParam();
    paper::run skips(sheaf::pipeline("skips") | sheaf::stage(upto) |
                     sheaf::each(twice, {.on_failure = on_failure::skip}));
    fail_some(skips, one_in);
    skips.go({200});
    ASSERT_EQ(skips.delivered.size(), 1U);
    EXPECT_EQ(skips.delivered[0].second.size(), 200 - failed);
    EXPECT_EQ(skips.machine.summary().finished, 1U);

    const auto plan =
        sheaf::pipeline("collects") | sheaf::stage(upto) | sheaf::each(twice, {.on_failure = on_failure::collect});
    static_assert(std::is_same_v<decltype(plan)::output_type, std::vector<sheaf::result<int>>>);
    paper::run collects(plan);
    fail_some(collects, one_in);
    collects.go({200});
    const auto& all = collects.delivered.at(0).second;
    ASSERT_EQ(all.size(), 200U);
    EXPECT_EQ(std::count_if(all.begin(), all.end(), [](const auto& one) { return !one; }),
              static_cast<std::ptrdiff_t>(failed));
}

TEST_P(pipeline_shares, a_failed_branch_resolves_the_join) {
    const auto [one_in, failed] = GetParam();
    paper::run skips(sheaf::pipeline("skips") |
                         sheaf::fork(sheaf::stage(twice, {.on_failure = on_failure::skip}), sheaf::stage(text)) |
                         sheaf::join(pair),
                     {.in_order = true});
    fail_some(skips, one_in);
    skips.go(numbers(200));
    EXPECT_EQ(skips.delivered.size(), 200 - failed);
    EXPECT_EQ(skips.machine.summary().skipped, failed);
    EXPECT_TRUE(adds_up(skips.machine.summary()));
    EXPECT_EQ(skips.machine.held_bytes(), 0U);

    paper::run collects(sheaf::pipeline("collects") |
                        sheaf::fork(sheaf::stage(twice, {.on_failure = on_failure::collect}), sheaf::stage(text)) |
                        sheaf::join([](sheaf::result<int> doubled, std::string text) {
                            return text + (doubled ? "" : " has no double");
                        }));
    fail_some(collects, one_in);
    collects.go(numbers(200));
    EXPECT_EQ(collects.delivered.size(), 200U);
    EXPECT_EQ(std::count_if(collects.delivered.begin(), collects.delivered.end(),
                            [](const auto& one) { return one.second.find("no double") != std::string::npos; }),
              static_cast<std::ptrdiff_t>(failed));
}

INSTANTIATE_TEST_SUITE_P(pipeline, pipeline_shares, testing::Values(share{100, 2}, share{2, 100}, share{1, 200}),
                         [](const auto& of) { return "one_in_" + std::to_string(of.param.one_in); });

TEST(pipeline_failure, in_a_branch_cancels_what_the_other_branches_have_out) {
    paper::run line(sheaf::pipeline("fork") |
                    sheaf::fork(sheaf::stage(twice, {.on_failure = on_failure::skip}),
                                sheaf::stage(upto) | sheaf::each(next, {.window = 3})) |
                    sheaf::join([](int n, const std::vector<int>& all) { return n + static_cast<int>(all.size()); }));
    fail_some(line, 10);
    line.input = {10, 11};
    line.feed();
    line.answer(line.first("upto"));
    ASSERT_EQ(line.calls.size(), 6U);
    line.answer(line.first("double"));  // of 10: fails
    EXPECT_EQ(line.cancelled, 3U);
    line.finish();
    EXPECT_EQ(line.outcomes(), (std::vector<int>{22 + 11}));
    EXPECT_TRUE(adds_up(line.machine.summary()));
    EXPECT_EQ(line.machine.held_bytes(), 0U);
}

TEST(pipeline_failure, late_ends_of_forgotten_calls_change_nothing) {
    paper::run line(sheaf::pipeline("fork") |
                    sheaf::fork(sheaf::stage(twice, {.on_failure = on_failure::skip}), sheaf::stage(text)) |
                    sheaf::join(pair));
    fail_some(line, 1);
    line.input = {1};
    line.feed();
    const auto late = line.calls[line.first("text")].tag;
    line.answer(line.first("double"));
    line.machine.call_ended(late, shared_bytes(sheaf::encode(std::string("1"))));
    line.machine.turn(line.now);
    EXPECT_TRUE(line.machine.is_over());
    EXPECT_TRUE(line.delivered.empty());
}

TEST(pipeline_failure, bytes_that_are_no_result_fail_the_item) {
    paper::run line(sheaf::pipeline("bad") | sheaf::filter(even, {.on_failure = on_failure::skip}));
    line.answers["even"] = [](const std::string&) -> raw_result { return shared_bytes("neither"); };
    line.go({1});
    EXPECT_EQ(line.machine.summary().skipped, 1U);
    EXPECT_EQ(std::get<sheaf::events::item_failed>(line.noted[0]).why.code, errc::malformed);
}

TEST(pipeline_cancel, in_the_middle_forgets_everything_and_delivers_nothing_more) {
    paper::run line(sheaf::pipeline("fork") | sheaf::fork(sheaf::stage(twice), sheaf::stage(upto) | sheaf::each(next)) |
                    sheaf::join([](int n, const std::vector<int>&) { return n; }) | sheaf::batch(3) | sheaf::flatten);
    line.input.assign(100, 5);
    line.feed();
    for (int i = 0; i < 37; ++i) line.answer(static_cast<std::size_t>(i) % line.calls.size());
    const auto before = line.delivered.size();
    line.machine.stop({.why = {.code = errc::cancelled}});
    EXPECT_TRUE(line.calls.empty());
    line.machine.turn(line.now);
    EXPECT_EQ(line.delivered.size(), before);
    EXPECT_TRUE(adds_up(line.machine.summary()));
    line.take_all();
    EXPECT_EQ(line.machine.held_bytes(), 0U);
}

}  // namespace
