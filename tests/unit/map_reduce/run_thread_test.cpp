// A run on a thread of its own, as its handle shows it.
#include "map_reduce/run_thread.hpp"

#include <latch>
#include <stdexcept>

#include <gtest/gtest.h>

#include <sheaf/map_reduce_run.hpp>

namespace sheaf::detail {
namespace {

map_reduce_report stopped(run_board& /*board*/, const std::stop_token& stop) {
    std::latch over(1);
    const std::stop_callback when(stop, [&] { over.count_down(); });
    over.wait();
    throw std::runtime_error("stopped");
}

map_reduce_run start(run_thread::body body, std::stop_token stop = {}) {
    return map_reduce_run(std::make_unique<run_thread>(std::move(body), std::move(stop)));
}

TEST(run_handle, gives_events_to_the_end_and_then_the_report_as_often_as_it_is_asked) {
    auto run = start([](run_board& board, const std::stop_token&) {
        board.show({.units_done = 3, .units = 3});
        board.tell(map_reduce_events::stage_done{run_stage::map, 3});
        map_reduce_report report;
        report.keys = 7;
        return report;
    });
    unsigned events = 0;
    for (const map_reduce_event& one : run.events()) {
        EXPECT_EQ(std::get<map_reduce_events::stage_done>(one).units, 3U);
        ++events;
    }
    EXPECT_EQ(events, 1U);
    EXPECT_EQ(run.wait().keys, 7U);
    EXPECT_EQ(run.wait().keys, 7U);
    EXPECT_TRUE(run.progress().over);
    EXPECT_EQ(run.progress().units_done, 3U);
}

TEST(run_handle, that_is_cancelled_or_whose_options_say_stop_ends_its_run) {
    auto cancelled = start(stopped);
    cancelled.cancel();
    EXPECT_THROW(cancelled.wait(), std::runtime_error);
    std::stop_source stop;
    auto told = start(stopped, stop.get_token());
    stop.request_stop();
    EXPECT_THROW(told.wait(), std::runtime_error);
}

TEST(run_handle, that_goes_takes_its_run_along) { const auto dropped = start(stopped); }

TEST(run_handle, keeps_the_latest_events_and_counts_those_that_nobody_took) {
    auto run = start([](run_board& board, const std::stop_token&) {
        for (std::uint32_t i = 0; i < 2000; ++i) board.tell(map_reduce_events::backup_begun{run_stage::map, i});
        return map_reduce_report{};
    });
    (void)run.wait();
    std::uint64_t missed = 0;
    std::uint32_t last = 0;
    for (const map_reduce_event& one : run.events()) {
        if (const auto* some = std::get_if<map_reduce_events::missed>(&one)) missed += some->count;
        if (const auto* begun = std::get_if<map_reduce_events::backup_begun>(&one)) last = begun->index;
    }
    EXPECT_EQ(missed, 2000U - 1024U);
    EXPECT_EQ(last, 1999U);
}

}  // namespace
}  // namespace sheaf::detail
