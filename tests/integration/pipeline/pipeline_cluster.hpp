// A job server of either kind with workers that serve pipelines' tasks, and a run during which workers die.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <ranges>
#include <signal.h>
#include <string>

#include <gtest/gtest.h>

#include "integration/cluster/gearmand_process.hpp"
#include "integration/cluster/worker_program.hpp"
#include "integration/pipeline/pipeline_tasks.hpp"
#include "support/sheafd_process.hpp"
#include <sheaf/pipeline.hpp>

namespace sheaf::test {

using namespace std::chrono_literals;

enum class brand { sheafd, gearmand };

class pipeline_cluster : public ::testing::TestWithParam<brand> {
  protected:
    pipeline_cluster() {
        if (GetParam() == brand::sheafd) {
            sheafd_ = std::make_unique<sheafd_process>();
        } else {
            gearmand_ = std::make_unique<gearmand_process>();
        }
        server_ = to_string(sheafd_ ? sheafd_->where() : gearmand_->where());
        workers_ = std::make_unique<worker_program>(server_, "tests/pipeline_worker");
        calls_ = std::make_unique<cluster>(cluster::connect(server_));
    }

    /// Ends one of the worker processes, whatever it is doing.
    void kill_a_worker(std::mt19937& random) {
        const auto processes = children_of(workers_->child().pid());
        if (!processes.empty()) ::kill(processes[random() % processes.size()], SIGKILL);
    }

    /// Three stages over `items` numbers, while workers are killed now and then; in order.
    void run_while_workers_die(std::uint64_t items, unsigned kills) {
        const unsigned seed = std::random_device{}();
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        constexpr std::size_t room = 500;
        const call_options stubborn{.deadline = 4 * patience, .retry = sheaf::retry{20}};
        const auto plan = pipeline("digits") | stage(read_number, {.call = stubborn, .window = 100}) |
                          stage(sum_digits, {.call = stubborn, .window = 100}) |
                          stage(show, {.call = stubborn, .window = 100});
        auto run = calls_->start(plan, std::views::iota(std::uint64_t{0}, items), {.in_order = true, .items = room});
        std::uint64_t expected = 0;
        for (auto& [index, outcome] : run) {
            ASSERT_EQ(index, expected);
            ASSERT_EQ(outcome, show_here(sum_digits_here(read_number_here(index))));
            ++expected;
            if (random() % (items / kills) == 0) kill_a_worker(random);
        }
        EXPECT_EQ(expected, items);
        const pipeline_summary all = run.summary();
        EXPECT_EQ(all.finished, items);
        EXPECT_LE(all.most_items, room);
        EXPECT_LE(all.most_bytes, room * 200);
        for (const stage_summary& one : all.stages) EXPECT_EQ(one.ok, items) << one.name;
    }

    std::unique_ptr<sheafd_process> sheafd_;
    std::unique_ptr<gearmand_process> gearmand_;
    std::string server_;
    std::unique_ptr<worker_program> workers_;
    std::unique_ptr<cluster> calls_;
};

INSTANTIATE_TEST_SUITE_P(on, pipeline_cluster, ::testing::Values(brand::sheafd, brand::gearmand),
                         [](const auto& one) { return one.param == brand::sheafd ? "sheafd" : "gearmand"; });

}  // namespace sheaf::test
