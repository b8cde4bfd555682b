// Stages one after the other, and how many items are on their way.
#include <gtest/gtest.h>

#include "paper_run.hpp"

namespace {

using namespace paper;

TEST(pipeline_stages, a_result_is_the_next_argument_as_it_is) {
    paper::run line(sheaf::pipeline("line") | sheaf::stage(twice) | sheaf::stage(text));
    line.go({1, 2, 3});
    EXPECT_EQ(line.outcomes(), (std::vector<std::string>{"2", "4", "6"}));
    EXPECT_TRUE(line.machine.is_over());
    EXPECT_FALSE(line.machine.why());
    EXPECT_EQ(line.machine.held_bytes(), 0U);
}

TEST(pipeline_stages, an_empty_input_ends_at_once) {
    paper::run line(sheaf::pipeline("line") | sheaf::stage(twice));
    line.go({});
    EXPECT_TRUE(line.machine.is_over());
    EXPECT_TRUE(line.delivered.empty());
    EXPECT_EQ(line.machine.summary().items, 0U);
}

TEST(pipeline_stages, outcomes_carry_the_place_of_their_item) {
    paper::run line(sheaf::pipeline("line") | sheaf::stage(twice));
    line.input = {5, 6};
    line.feed();
    line.answer(1);
    line.answer(0);
    EXPECT_EQ(line.delivered, (std::vector<std::pair<std::uint64_t, int>>{{1, 12}, {0, 10}}));
}

TEST(pipeline_stages, a_tuple_is_all_arguments_of_a_task) {
    paper::run line(sheaf::pipeline("line") | sheaf::stage(pair));
    line.go({{7, "seven"}});
    EXPECT_EQ(line.outcomes(), (std::vector<std::string>{"7:seven"}));
}

TEST(pipeline_stages, tasks_of_other_codecs_get_their_own_encoding) {
    paper::run line(sheaf::pipeline("line") | sheaf::stage(text) | sheaf::stage(bytes));
    line.go({12});
    EXPECT_EQ(line.outcomes(), (std::vector<std::string>{"<12>"}));
}

TEST(pipeline_stages, local_functions_stand_between) {
    paper::run line(sheaf::pipeline<int>("line") | sheaf::transform([](int n) { return n * 100; }) |
                    sheaf::stage(next) | sheaf::transform([](int n) { return std::to_string(n) + "!"; }));
    line.go({1, 2});
    EXPECT_EQ(line.outcomes(), (std::vector<std::string>{"101!", "201!"}));
}

TEST(pipeline_stages, a_stage_has_no_more_calls_out_than_its_window) {
    paper::run line(sheaf::pipeline("line") | sheaf::stage(twice, {.window = 3}) | sheaf::stage(next, {.window = 2}));
    line.input.assign(100, 1);
    line.feed();
    EXPECT_EQ(line.calls.size(), 3U);
    for (int i = 0; i < 3; ++i) line.answer(0);  // all doubled
    EXPECT_EQ(std::count_if(line.calls.begin(), line.calls.end(), [](auto& one) { return one.task == "next"; }), 2);
    EXPECT_EQ(std::count_if(line.calls.begin(), line.calls.end(), [](auto& one) { return one.task == "double"; }), 3);
}

TEST(pipeline_stages, a_window_of_bytes_counts_arguments_and_lets_a_large_one_go_alone) {
    const sheaf::task<"measure", int(std::string)> measure{};
    paper::run line(sheaf::pipeline("line") | sheaf::stage(measure, {.window = {10, 250}}));
    line.answers["measure"] = handler(measure, [](const std::string& s) { return static_cast<int>(s.size()); });
    line.input = {std::string(100, 'a'), std::string(100, 'b'), std::string(100, 'c'), std::string(1000, 'd')};
    line.feed();
    EXPECT_EQ(line.calls.size(), 2U);
    line.answer(0);
    EXPECT_EQ(line.calls.size(), 2U);
    line.answer(0);
    EXPECT_EQ(line.calls.size(), 1U) << "the large one must wait";
    line.answer(0);
    EXPECT_EQ(line.calls.size(), 1U);
    line.finish();
    EXPECT_EQ(line.outcomes().back(), 1000);
}

TEST(pipeline_stages, the_input_is_read_no_further_than_there_is_room) {
    paper::run line(sheaf::pipeline("line") | sheaf::stage(twice, {.window = 4}), {.items = 6});
    line.input.assign(1000, 1);
    line.feed();
    EXPECT_EQ(line.input.size(), 1000U - 6);
    line.answer(0);  // an outcome that nobody takes
    line.feed();
    EXPECT_EQ(line.input.size(), 1000U - 6) << "its room is not free before it is taken";
    line.take_all();
    line.feed();
    EXPECT_EQ(line.input.size(), 1000U - 7);
}

TEST(pipeline_stages, outcomes_that_nobody_takes_stop_the_run_without_losing_any) {
    paper::run line(sheaf::pipeline("line") | sheaf::stage(twice, {.window = 4}), {.items = 8});
    line.input.assign(20, 1);
    line.feed();
    while (!line.calls.empty()) {
        line.answer(0);
        line.feed();
    }
    EXPECT_EQ(line.delivered.size(), 8U);
    EXPECT_FALSE(line.machine.is_over());
    line.take_all();
    line.finish();
    EXPECT_EQ(line.delivered.size(), 20U);
    EXPECT_EQ(line.machine.summary().most_items, 8U);
}

TEST(pipeline_stages, large_items_fill_the_bytes_before_the_items) {
    const sheaf::task<"measure", int(std::string)> measure{};
    paper::run line(sheaf::pipeline("line") | sheaf::stage(measure), {.bytes = 2500});
    line.input.assign(100, std::string(1000, 'x'));
    line.feed();
    EXPECT_EQ(line.input.size(), 97U);
}

TEST(pipeline_stages, when_calls_are_few_the_stages_towards_the_end_go_first) {
    paper::run line(sheaf::pipeline("line") | sheaf::stage(twice) | sheaf::stage(next), {.calls = 2});
    line.input.assign(10, 1);
    line.feed();
    ASSERT_EQ(line.calls.size(), 2U);
    line.answer(0);
    ASSERT_EQ(line.calls.size(), 2U);
    EXPECT_EQ(line.calls[1].task, "next");
    line.finish();
    EXPECT_EQ(line.most_out, 2U);
}

TEST(pipeline_stages, a_filter_lets_through_what_it_says) {
    paper::run local(sheaf::pipeline("line") | sheaf::stage(next) | sheaf::filter([](int n) { return n > 2; }));
    local.go({1, 2, 3});
    EXPECT_EQ(local.outcomes(), (std::vector<int>{3, 4}));
    EXPECT_EQ(local.machine.summary().filtered, 1U);
    EXPECT_EQ(local.stage("filter").skipped, 1U);

    paper::run asked(sheaf::pipeline("line") | sheaf::stage(next) | sheaf::filter(even) | sheaf::stage(twice));
    asked.go({1, 2, 3});
    EXPECT_EQ(asked.outcomes(), (std::vector<int>{4, 8}));
    EXPECT_EQ(asked.stage("even").skipped, 1U);
    EXPECT_TRUE(adds_up(asked.machine.summary()));
}

TEST(pipeline_stages, a_variant_takes_the_branch_of_its_alternative) {
    using either = std::variant<int, std::string>;
    const sheaf::task<"sort", either(int)> sort{};
    const auto plan = sheaf::pipeline("line") | sheaf::stage(sort) |
                      sheaf::branch(sheaf::stage(text), sheaf::transform([](std::string s) { return s + "?"; }));
    paper::run line(plan);
    line.answers["sort"] = handler(sort, [](int n) { return n < 0 ? either("negative") : either(n); });
    line.go({5, -5});
    EXPECT_EQ(std::set<std::string>({line.outcomes()[0], line.outcomes()[1]}),
              (std::set<std::string>{"5", "negative?"}));

    const auto apart = sheaf::pipeline("line") | sheaf::stage(sort) |
                       sheaf::branch(sheaf::stage(next), sheaf::transform([](std::string s) { return s + "?"; }));
    static_assert(std::is_same_v<decltype(apart)::output_type, either>);
    paper::run kept(apart);
    kept.answers["sort"] = line.answers["sort"];
    kept.go({5});
    EXPECT_EQ(kept.outcomes(), (std::vector<either>{6}));
}

TEST(pipeline_stages, events_say_when_a_stage_is_done_and_how_far_the_run_is) {
    paper::run line(sheaf::pipeline("line") | sheaf::stage(twice), {.total = 4});
    line.input = {1, 2, 3, 4};
    line.feed();
    line.now += 1s;
    line.answer(0);
    line.take_all();
    line.now += 1s;
    line.answer(0);
    ASSERT_EQ(line.noted.size(), 1U);
    const auto& at = std::get<sheaf::events::progress>(line.noted[0]);
    EXPECT_EQ(at.done, 1U);
    EXPECT_EQ(at.fraction, 0.25);
    EXPECT_EQ(at.eta, 6s);
    line.finish();
    const auto& done = std::get<sheaf::events::stage_done>(line.noted.back());
    EXPECT_EQ(done.name, "double");
    EXPECT_EQ(done.ok, 4U);
    EXPECT_EQ(done.total, 4U);
}

TEST(pipeline_stages, retries_and_warnings_are_told_and_counted) {
    paper::run line(sheaf::pipeline("line") | sheaf::stage(twice, {.name = "first"}));
    line.input = {1};
    line.feed();
    line.machine.call_retried(line.calls[0].tag, 1, failure{.code = errc::worker_lost});
    line.machine.call_warned(line.calls[0].tag, "careful");
    line.finish();
    EXPECT_EQ(line.stage("first").retried, 1U);
    EXPECT_EQ(std::get<sheaf::events::retrying>(line.noted[0]).why.code, errc::worker_lost);
    EXPECT_EQ(std::get<sheaf::events::warning>(line.noted[1]).text, "careful");
}

}  // namespace
