// Pipelines on worker processes, with our job server and the stock one.
#include <fstream>
#include <string>
#include <vector>

#include "integration/pipeline/pipeline_cluster.hpp"
#include "support/scratch_directory.hpp"
#include <sheaf/map_reduce_stage.hpp>

namespace sheaf::test {
namespace {

TEST_P(pipeline_cluster, three_stages_end_in_order_although_workers_die) { run_while_workers_die(5000, 8); }

TEST_P(pipeline_cluster, one_item_goes_through_a_fork_and_an_each) {
    const auto plan = pipeline("numbers") | stage(read_number) |
                      fork(transform([](const reading& one) { return one.digits; }) | each(show), stage(sum_digits)) |
                      join([](const std::vector<std::string>& digits, std::uint64_t sum) {
                          std::string text = std::to_string(sum) + ":";
                          for (const std::string& one : digits) text += one;
                          return text;
                      });
    EXPECT_EQ(calls_->run(plan, 307, {.deadline = patience}), "10:<7><0><3>");
    EXPECT_EQ(calls_->run(plan, 0, {.deadline = patience}), "0:");
}

TEST_P(pipeline_cluster, items_that_kill_their_worker_are_collected_and_hurt_no_other) {
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t number = 51; number < 251; number += 7) numbers.push_back(number);
    numbers.push_back(200);
    const auto plan = pipeline("killers") |
                      stage(survive, {.call = {.deadline = patience}, .window = 8, .on_failure = on_failure::collect});
    std::size_t lost = 0;
    for (auto& [index, outcome] : calls_->start(plan, numbers)) {
        if (outcome) {
            EXPECT_EQ(*outcome, numbers[index]);
            continue;
        }
        ++lost;
        EXPECT_EQ(numbers[index] % 100, 0U);
        EXPECT_EQ(outcome.error().code, errc::worker_lost) << outcome.error().message;
        EXPECT_EQ(outcome.error().signal, SIGKILL);
    }
    EXPECT_EQ(lost, 2U);  // 100 and 200
}

TEST_P(pipeline_cluster, a_map_reduce_run_is_a_step) {
    const scratch_directory scratch;
    const std::string input = scratch.path() / "words.txt";
    std::ofstream(input) << "one two two three three three\n";
    const auto describe = [&](const std::uint64_t& number) {
        return map_reduce_options{.input = text_files({input}), .output = scratch.path() / std::to_string(number)};
    };
    const auto plan = pipeline<std::uint64_t>("words") | map_reduce_stage(count_words, describe, {.window = 2}) |
                      transform([](const map_reduce_report& report) { return report.keys; }) | stage(show);
    EXPECT_EQ(in_order(calls_->start(plan, std::vector<std::uint64_t>{1, 2, 3})),
              (std::vector<std::string>{"<3>", "<3>", "<3>"}));
    EXPECT_TRUE(std::filesystem::exists(scratch.path() / "3"));
    EXPECT_THROW(calls_->run(plan, 3), run_failed) << "the output exists already";
}

}  // namespace
}  // namespace sheaf::test
