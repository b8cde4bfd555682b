// Several items made one, and one made several.
#include <gtest/gtest.h>

#include "paper_run.hpp"

namespace {

using namespace paper;

TEST(pipeline_batch, cuts_at_its_size_and_lets_the_rest_go_at_the_end) {
    for (const int count : {0, 1, 2, 3, 4, 6, 7}) {
        paper::run line(sheaf::pipeline("batch") | sheaf::stage(twice) | sheaf::batch(3), {.in_order = true});
        std::vector<int> items;
        for (int n = 0; n < count; ++n) items.push_back(n);
        line.go(items);
        std::vector<std::vector<int>> expected;
        for (int n = 0; n < count; ++n) {
            if (n % 3 == 0) expected.emplace_back();
            expected.back().push_back(2 * n);
        }
        EXPECT_EQ(line.outcomes(), expected) << count;
        EXPECT_EQ(line.machine.summary().finished, static_cast<std::uint64_t>(count));
        EXPECT_TRUE(line.machine.is_over());
    }
}

TEST(pipeline_batch, that_lingers_goes_on_as_it_is) {
    paper::run line(sheaf::pipeline<int>("batch") | sheaf::transform([](int n) { return n; }) | sheaf::batch(10, 5s) |
                    sheaf::stage(sum));
    const auto offer = [&line](int n) {
        line.machine.offer(shared_bytes(sheaf::encode(n)));
        line.machine.turn(line.now);
    };
    EXPECT_FALSE(line.machine.due());
    offer(1);
    line.now += 3s;
    offer(2);
    EXPECT_EQ(line.machine.due(), line.now + 2s) << "counted from its first item";
    line.now += 2s;
    line.machine.turn(line.now);
    ASSERT_EQ(line.calls.size(), 1U);
    EXPECT_FALSE(line.machine.due());
    line.answer(0);
    EXPECT_EQ(line.outcomes(), (std::vector<int>{3}));
}

TEST(pipeline_batch, larger_than_the_room_gets_the_room_it_needs) {
    paper::run line(sheaf::pipeline("batch") | sheaf::stage(twice) | sheaf::batch(20) | sheaf::batch(5), {.items = 2});
    line.go(std::vector<int>(200, 1));
    ASSERT_EQ(line.outcomes().size(), 2U);
    EXPECT_EQ(line.outcomes()[0].size(), 5U);
    EXPECT_EQ(line.outcomes()[0][0].size(), 20U);
}

TEST(pipeline_batch, when_bytes_are_full_and_nothing_else_goes_on_it_goes_as_it_is) {
    paper::run line(sheaf::pipeline<std::string>("batch") | sheaf::batch(10), {.bytes = 250});
    line.input.assign(6, std::string(100, 'x'));
    line.feed();
    EXPECT_EQ(line.delivered.size(), 1U);
    EXPECT_EQ(line.delivered[0].second.size(), 3U);
    line.take_all();
    line.feed();
    EXPECT_EQ(line.delivered[1].second.size(), 3U);
    EXPECT_TRUE(line.machine.is_over());
}

TEST(pipeline_flatten, gives_the_elements_and_forgets_empty_ones) {
    paper::run line(sheaf::pipeline("flatten") | sheaf::stage(upto) | sheaf::flatten | sheaf::stage(twice),
                    {.in_order = true});
    line.input = {2, 0, 3};
    std::mt19937 random(3);
    line.finish(&random);
    EXPECT_EQ(line.outcomes(), (std::vector<int>{0, 2, 0, 2, 4}));
    for (std::size_t n = 0; n < line.delivered.size(); ++n) EXPECT_EQ(line.delivered[n].first, n);
    EXPECT_EQ(line.machine.summary().finished, 2U);
    EXPECT_EQ(line.machine.summary().filtered, 1U);
    EXPECT_EQ(line.machine.summary().outcomes, 5U);
}

TEST(pipeline_flatten, of_a_large_item_waits_until_outcomes_are_taken) {
    paper::run line(sheaf::pipeline("flatten") | sheaf::stage(upto) | sheaf::flatten, {.items = 10});
    line.input = {1000};
    line.feed();
    line.answer(0);
    EXPECT_EQ(line.delivered.size(), 10U);
    while (!line.machine.is_over()) {
        line.take_all();
        line.machine.turn(line.now);
    }
    EXPECT_EQ(line.delivered.size(), 1000U);
}

TEST(pipeline_flatten, undoes_a_batch) {
    paper::run line(
        sheaf::pipeline("both") | sheaf::stage(twice) | sheaf::batch(7) | sheaf::flatten | sheaf::stage(next),
        {.in_order = true});
    std::vector<int> expected;
    for (int n = 0; n < 100; ++n) {
        line.input.push_back(n);
        expected.push_back(2 * n + 1);
    }
    std::mt19937 random(11);
    line.finish(&random);
    EXPECT_EQ(line.outcomes(), expected);
    EXPECT_TRUE(adds_up(line.machine.summary()));
}

}  // namespace
