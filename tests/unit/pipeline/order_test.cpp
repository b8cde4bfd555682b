// Order where it is asked for, of outcomes, of stages and of keys.
#include <gtest/gtest.h>

#include "paper_run.hpp"
#include <sheaf/json.hpp>

namespace {

using namespace paper;

TEST(pipeline_order, outcomes_come_in_the_order_of_the_input_when_asked) {
    paper::run line(sheaf::pipeline("order") | sheaf::stage(twice), {.in_order = true});
    line.input = {0, 1, 2};
    line.feed();
    line.answer(2);
    line.answer(1);
    EXPECT_TRUE(line.delivered.empty());
    line.answer(0);
    EXPECT_EQ(line.outcomes(), (std::vector<int>{0, 2, 4}));
}

TEST(pipeline_order, items_that_are_dropped_hold_nobody_up) {
    paper::run line(sheaf::pipeline("order") | sheaf::filter(even) |
                        sheaf::stage(twice, {.on_failure = sheaf::on_failure::skip}) | sheaf::stage(next),
                    {.in_order = true});
    const auto works = line.answers["double"];
    line.answers["double"] = [works](const std::string& arguments) -> raw_result {
        if (number_in(arguments) % 6 == 0) return failure{.code = errc::worker_lost};
        return works(arguments);
    };
    for (int n = 0; n < 60; ++n) line.input.push_back(n);
    std::mt19937 random(7);
    line.finish(&random);
    std::vector<int> expected;
    for (int n = 0; n < 60; ++n) {
        if (n % 2 == 0 && n % 6 != 0) expected.push_back(2 * n + 1);
    }
    EXPECT_EQ(line.outcomes(), expected);
}

TEST(pipeline_order, what_one_stage_gives_may_go_on_in_order) {
    paper::run line(sheaf::pipeline("order") | sheaf::stage(twice) | sheaf::ordered | sheaf::stage(next));
    line.input = {0, 1};
    line.feed();
    line.answer(1);
    EXPECT_EQ(line.made["next"], 0U);
    line.answer(0);
    ASSERT_EQ(line.calls.size(), 2U);
    EXPECT_EQ(number_in(line.calls[0].arguments), 0);
    line.answer(1);
    EXPECT_EQ(line.outcomes(), (std::vector<int>{3})) << "the run itself asked for no order";
}

TEST(pipeline_keys, equal_keys_go_one_after_the_other_and_others_at_once) {
    paper::run line(sheaf::pipeline("keys") | sheaf::stage(next) |
                    sheaf::stage(twice).by_key([](int n) { return n % 3; }));
    for (int n = 0; n < 12; ++n) line.input.push_back(n);
    line.feed();
    // The first stage ends in reverse; the keyed one still begins at the beginning.
    while (std::any_of(line.calls.begin(), line.calls.end(), [](auto& one) { return one.task == "next"; })) {
        line.answer(line.calls.size() - 1);
    }
    std::map<int, std::vector<int>> seen;
    while (!line.calls.empty()) {
        EXPECT_LE(line.calls.size(), 3U);
        std::set<int> keys;
        for (const auto& one : line.calls) EXPECT_TRUE(keys.insert(number_in(one.arguments) % 3).second);
        const int n = number_in(line.calls[0].arguments);
        seen[n % 3].push_back(n);
        line.answer(0);
    }
    EXPECT_EQ(seen[0], (std::vector<int>{3, 6, 9, 12}));
    EXPECT_EQ(seen[1], (std::vector<int>{1, 4, 7, 10}));
    EXPECT_EQ(seen[2], (std::vector<int>{2, 5, 8, 11}));
    line.finish();
    EXPECT_TRUE(adds_up(line.machine.summary()));
}

TEST(pipeline_keys, a_failure_frees_its_key_and_a_key_that_cannot_be_made_is_one) {
    paper::run line(sheaf::pipeline("keys") |
                    sheaf::stage(twice, {.on_failure = sheaf::on_failure::skip}).by_key([](int n) {
                        if (n == 13) throw odd("no key");
                        return 0;
                    }));
    const auto works = line.answers["double"];
    line.answers["double"] = [works](const std::string& arguments) -> raw_result {
        return number_in(arguments) == 1 ? raw_result(failure{.code = errc::worker_lost}) : works(arguments);
    };
    line.go({0, 1, 13, 2});
    EXPECT_EQ(line.outcomes(), (std::vector<int>{0, 4}));
    EXPECT_EQ(line.stage("double").failed, 2U);
    EXPECT_EQ(line.most_out, 1U);
    EXPECT_TRUE(adds_up(line.machine.summary()));
}

TEST(pipeline_keys, an_item_that_cannot_be_encoded_frees_its_key) {
    static constexpr sheaf::task<"plain", std::string(std::string), sheaf::json> plain;
    paper::run line(
        sheaf::pipeline("keys") |
        sheaf::stage(plain, {.on_failure = sheaf::on_failure::skip}).by_key([](const std::string&) { return 0; }));
    line.answers["plain"] = [](const std::string&) -> raw_result { return shared_bytes(R"({"result":"done"})"); };
    line.go({"no UTF-8: \xff", "good", "\xff", "good"});
    EXPECT_EQ(line.outcomes(), (std::vector<std::string>{"done", "done"}));
    EXPECT_EQ(line.stage("plain").failed, 2U);
    EXPECT_TRUE(adds_up(line.machine.summary()));
}

}  // namespace
