// Parts of an item: forks, each, and how they meet again.
#include <gtest/gtest.h>

#include "paper_run.hpp"

namespace paper {

struct record {
    int id = 0;
    std::string name;
    template <class Archive>
    void serialize(Archive& archive, std::uint32_t /*version*/) {
        archive(CEREAL_NVP(id), CEREAL_NVP(name));
    }
};

}  // namespace paper
CEREAL_CLASS_VERSION(paper::record, 3)

namespace {

using namespace paper;

TEST(pipeline_fork, branches_meet_in_the_joins_arguments_whichever_ends_first) {
    const auto plan =
        sheaf::pipeline("fork") | sheaf::fork(sheaf::stage(twice), sheaf::stage(text)) | sheaf::join(pair);
    static_assert(std::is_base_of_v<sheaf::plan<std::string(int)>, std::remove_const_t<decltype(plan)>>);
    for (const std::size_t first : {0U, 1U}) {
        paper::run line(plan);
        line.input = {21};
        line.feed();
        ASSERT_EQ(line.calls.size(), 2U);
        line.answer(first);
        line.answer(0);
        line.finish();
        EXPECT_EQ(line.outcomes(), (std::vector<std::string>{"42:21"}));
    }
}

TEST(pipeline_fork, a_local_function_may_be_the_join) {
    paper::run line(sheaf::pipeline("fork") | sheaf::fork(sheaf::stage(twice), sheaf::stage(next)) |
                    sheaf::join([](int doubled, int following) { return doubled + following; }));
    line.go({10});
    EXPECT_EQ(line.outcomes(), (std::vector<int>{31}));
}

TEST(pipeline_fork, without_a_join_the_outcome_is_a_tuple) {
    paper::run line(sheaf::pipeline("fork") | sheaf::fork(sheaf::stage(twice), sheaf::stage(text)));
    line.go({1});
    EXPECT_EQ(line.outcomes(), (std::vector<std::tuple<int, std::string>>{{2, "1"}}));
}

TEST(pipeline_fork, forks_nest) {
    paper::run line(sheaf::pipeline("fork") |
                    sheaf::fork(sheaf::fork(sheaf::stage(twice), sheaf::stage(next)) |
                                    sheaf::join([](int a, int b) { return a * b; }),
                                sheaf::stage(upto) | sheaf::each(twice) | sheaf::stage(sum)) |
                    sheaf::join([](int a, int b) { return std::pair(a, b); }));
    line.go({3, 4});
    EXPECT_EQ(line.outcomes(), (std::vector<std::pair<int, int>>{{6 * 4, 6}, {8 * 5, 12}}));
    EXPECT_EQ(line.machine.held_bytes(), 0U);
}

TEST(pipeline_each, of_none_one_and_many_runs_what_follows) {
    for (const int count : {0, 1, 2, 100}) {
        paper::run line(sheaf::pipeline("each") | sheaf::stage(upto) | sheaf::each(twice) | sheaf::stage(sum));
        line.go({count});
        EXPECT_EQ(line.outcomes(), (std::vector<int>{count * (count - 1)})) << count;
        EXPECT_EQ(line.made["double"], static_cast<std::size_t>(count));
        EXPECT_EQ(line.made["sum"], 1U);
    }
}

TEST(pipeline_each, results_keep_the_order_of_the_elements) {
    paper::run line(sheaf::pipeline("each") | sheaf::stage(upto) | sheaf::each(text));
    line.input = {5};
    line.feed();
    line.answer(0);
    while (!line.calls.empty()) line.answer(line.calls.size() - 1);
    EXPECT_EQ(line.outcomes(), (std::vector<std::vector<std::string>>{{"0", "1", "2", "3", "4"}}));
}

TEST(pipeline_each, elements_wait_encoded_as_one_until_there_is_room) {
    paper::run line(sheaf::pipeline("each") | sheaf::stage(upto) | sheaf::each(twice, {.window = 4}) |
                    sheaf::stage(sum));
    line.input = {40000};
    line.feed();
    line.answer(0);
    EXPECT_EQ(line.calls.size(), 4U);
    EXPECT_LE(line.stage("double").in, 8U) << "most elements have not been made into items";
    line.finish();
    EXPECT_EQ(line.outcomes(), (std::vector<int>{40000 * 39999}));
}

TEST(pipeline_each, takes_several_steps_and_a_filter) {
    paper::run line(
        sheaf::pipeline("each") | sheaf::stage(upto) |
        sheaf::each(sheaf::filter([](int n) { return n % 2 == 1; }) | sheaf::stage(next) | sheaf::stage(text)));
    line.go({6});
    EXPECT_EQ(line.outcomes(), (std::vector<std::vector<std::string>>{{"2", "4", "6"}}));
}

TEST(pipeline_each, classes_with_a_version_meet_as_if_encoded_together) {
    const sheaf::task<"load", record(int)> load{};
    const sheaf::task<"names", std::string(std::vector<record>, record)> names{};
    paper::run line(sheaf::pipeline("each") | sheaf::fork(sheaf::stage(upto) | sheaf::each(load), sheaf::stage(load)) |
                    sheaf::join(names));
    line.answers["load"] = handler(load, [](int n) { return record{n, "r" + std::to_string(n)}; });
    line.answers["names"] = handler(names, [](const std::vector<record>& all, const record& last) {
        std::string text;
        for (const auto& one : all) text += one.name;
        return text + last.name;
    });
    line.go({3});
    EXPECT_EQ(line.outcomes(), (std::vector<std::string>{"r0r1r2r3"}));
}

}  // namespace
