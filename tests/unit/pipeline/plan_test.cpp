// Plans as data.
#include <gtest/gtest.h>

#include "paper_run.hpp"

namespace {

using namespace paper;

TEST(plan, is_drawn_with_its_names_quoted) {
    const auto plan = sheaf::pipeline("a \"b\"\\c") | sheaf::stage(twice, {.name = "first\n\"one\""}) |
                      sheaf::fork(sheaf::stage(text), sheaf::stage(next)) |
                      sheaf::join([](std::string s, int n) { return s + std::to_string(n); });
    EXPECT_EQ(plan.dot(),
              "digraph \"a \\\"b\\\"\\\\c\" {\n"
              "  rankdir=LR;\n"
              "  in [shape=plaintext];\n"
              "  n0 [shape=box, label=\"first\\n\\\"one\\\"\"];\n"
              "  n1 [shape=triangle, label=\"fork\"];\n"
              "  n2 [shape=box, label=\"text\"];\n"
              "  n3 [shape=box, label=\"next\"];\n"
              "  n4 [shape=invtriangle, label=\"join\"];\n"
              "  n5 [shape=ellipse, label=\"join\"];\n"
              "  out [shape=plaintext];\n"
              "  in -> n0;\n"
              "  n0 -> n1;\n"
              "  n1 -> n2;\n"
              "  n1 -> n3;\n"
              "  n2 -> n4;\n"
              "  n3 -> n4;\n"
              "  n4 -> n5;\n"
              "  n5 -> out;\n"
              "}\n");
}

TEST(plan, steps_may_be_put_together_before_they_are_used) {
    const auto both = sheaf::stage(twice) | sheaf::stage(next);
    const auto once = sheaf::pipeline("once") | both;
    const auto again = sheaf::pipeline("again") | both | both;
    paper::run first(once);
    first.go({1});
    EXPECT_EQ(first.outcomes(), (std::vector<int>{3}));
    paper::run second(again);
    second.go({1});
    EXPECT_EQ(second.outcomes(), (std::vector<int>{7}));
}

TEST(plan, continuing_one_leaves_it_as_it_was) {
    const auto shorter = sheaf::pipeline("plan") | sheaf::stage(twice);
    const auto longer = shorter | sheaf::stage(text);
    paper::run line(shorter);
    line.go({4});
    EXPECT_EQ(line.outcomes(), (std::vector<int>{8}));
    const sheaf::plan<std::string(int)>& as_plan = longer;
    EXPECT_EQ(as_plan.name(), "plan");
}

TEST(plan_values, a_collected_failure_keeps_everything_that_is_known_of_it) {
    using sheaf::detail::decode_edge;
    using sheaf::detail::encode_edge;
    using parts = std::tuple<std::vector<sheaf::result<int>>, std::string>;
    const parts sent{{4, failure{.code = errc::worker_lost, .message = "killed", .task = "double", .signal = 9}}, "x"};
    const auto read = decode_edge<parts>(encode_edge(sent).view());
    ASSERT_EQ(std::get<0>(read).size(), 2U);
    EXPECT_EQ(*std::get<0>(read)[0], 4);
    EXPECT_EQ(std::get<0>(read)[1].error().message, "killed");
    EXPECT_EQ(std::get<0>(read)[1].error().signal, 9);
    EXPECT_EQ(std::get<1>(read), "x");
    EXPECT_THROW((void)decode_edge<sheaf::result<int>>("\2"), sheaf::decode_error);
    EXPECT_THROW((void)decode_edge<std::vector<sheaf::result<int>>>("\3\1"), sheaf::decode_error);
}

}  // namespace
