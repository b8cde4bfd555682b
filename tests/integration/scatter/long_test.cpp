// A million calls, and what scatters promise in milliseconds: not for every run of the tests.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <iostream>
#include <map>
#include <ranges>

#include "integration/scatter/scattered_cluster.hpp"
#include "support/scratch_directory.hpp"
#include <sheaf/gather.hpp>

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto long_patience = 10min;

class long_scatters : public scattered_cluster {
  protected:
    static std::chrono::milliseconds since(clock::time_point start) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - start);
    }
    /// Stops the worker that gives the first outcome: it has been given the next call by then.
    template <class Run>
    pid_t stop_who_gave_the_first_of(Run& run) {
        const pid_t one = *run.next()->outcome;
        stop(one);
        return one;
    }
};
INSTANTIATE_TEST_SUITE_P(on, long_scatters, ::testing::Values(brand::sheafd, brand::gearmand), brand_name);

/// The most memory that this process has had since it was forgotten, in MiB.
class peak_memory {
  public:
    peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }
    [[nodiscard]] double mebibytes() const {
        std::ifstream status("/proc/self/status");
        for (std::string word; status >> word;) {
            if (word != "VmHWM:") continue;
            double kibibytes = 0;
            status >> kibibytes;
            return kibibytes / 1024;
        }
        ADD_FAILURE() << "/proc/self/status has no VmHWM";
        return 0;
    }
};

TEST_P(long_scatters, a_million_calls_of_a_generator_fit_into_100_mib_and_each_result_comes_once) {
    constexpr int count = 1'000'000;
    for (const packing pack : {packing::automatic(), packing::none()}) {
        const peak_memory peak;
        const auto start = clock::now();
        std::vector<bool> seen(count);
        std::size_t twice = 0;
        std::size_t wrong = 0;
        auto numbers = std::views::iota(0) | std::views::take_while([](int n) { return n < count; }) |
                       std::views::transform([](int n) { return 2 * n; });
        const scatter_options how{.pack = pack, .call = {.deadline = long_patience}};
        for (auto& [index, outcome] : as_completed(calls->scatter(square, std::move(numbers), how))) {
            const long two_n = 2 * static_cast<long>(index);
            if (!outcome || *outcome != two_n * two_n) ++wrong;
            if (seen.at(index)) ++twice;
            seen[index] = true;
        }
        const auto took = since(start);
        std::cout << (pack.how() == packing::mode::none ? "unpacked: " : "packed: ")
                  << count / std::max<std::int64_t>(took.count(), 1) * 1000 << " calls/s, peak " << peak.mebibytes()
                  << " MiB\n";
        EXPECT_EQ(wrong, 0U);
        EXPECT_EQ(twice, 0U);
        EXPECT_EQ(std::ranges::count(seen, true), count);
        EXPECT_LT(peak.mebibytes(), 100);
    }
}

TEST_P(long_scatters, best_effort_returns_in_time_with_the_rest_although_a_worker_stands_still) {
    const scatter_options how{.window = 20, .pack = packing::none(), .call = {.deadline = patience}};
    auto run = calls->scatter(nap, std::vector<int>(20, 5), how);
    stop_who_gave_the_first_of(run);
    const auto start = clock::now();
    const auto got = gather(run, best_effort(200ms));
    const auto took = since(start);
    EXPECT_GE(took, 199ms);
    EXPECT_LT(took, 300ms);
    EXPECT_GE(got.values().size(), 14U) << "all but the first, and what the stopped worker had";
    EXPECT_LT(got.values().size(), 19U);
    EXPECT_EQ(got.values().size() + got.missing().size(), 20U);
}

TEST_P(long_scatters, best_effort_returns_in_time_although_there_is_always_more) {
    const auto start = clock::now();
    const auto got =
        gather(calls->scatter(square, std::views::iota(0), {.call = {.deadline = patience}}), best_effort(200ms));
    EXPECT_LT(since(start), 300ms);
    EXPECT_FALSE(got.values().empty());
    EXPECT_EQ(got.ended(), gather_end::out_of_time);
}

TEST_P(long_scatters, hedged_calls_do_not_wait_for_a_worker_that_stands_still) {
    auto run =
        calls->scatter(nap, std::vector<int>(40, 5), {.window = 20, .call = {.deadline = patience, .hedge = 50ms}});
    stop_who_gave_the_first_of(run);
    const auto start = clock::now();
    EXPECT_EQ(gather(run, all).values().size(), 39U);
    EXPECT_LT(since(start), 1s);
}

TEST_P(long_scatters, all_with_an_attempt_timeout_has_every_value_and_late_results_change_nothing) {
    const call_options how{.deadline = patience, .attempt_timeout = 200ms, .retry = sheaf::retry{4}};
    auto run = calls->scatter(nap, std::vector<int>(40, 5), {.window = 20, .pack = packing::none(), .call = how});
    const pid_t stopped = stop_who_gave_the_first_of(run);
    const auto start = clock::now();
    EXPECT_EQ(gather(run, all).values().size(), 39U);
    EXPECT_GE(since(start), 200ms) << "the stopped worker had nothing";
    EXPECT_LT(since(start), 3s);
    wake(stopped);
    bool used_again = false;
    while (!used_again && since(start) < patience) {
        const auto after = gather(calls->scatter(nap, std::vector<int>(20, 1), {.call = how}), all);
        ASSERT_EQ(after.values().size(), 20U);
        for (const auto& one : after.values()) used_again = used_again || one.value == stopped;
    }
    EXPECT_TRUE(used_again);
    const auto after = gather(calls->scatter(square, std::vector<int>(2000, 4), {.call = how}), all);
    EXPECT_EQ(after.values().size(), 2000U);
    for (const auto& one : after.values()) ASSERT_EQ(one.value, 16);
}

TEST_P(long_scatters, no_call_outlives_its_deadline_by_100_ms_although_a_worker_stands_still) {
    (void)stop_one();
    std::atomic<int> left = 1000;
    std::atomic<std::int64_t> latest = 0;
    std::atomic<int> in_time = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto deadline = 200ms + std::chrono::milliseconds(i % 300);
        const auto due = clock::now() + deadline;
        calls->submit(nap(5), {.deadline = deadline}).then([&, due](const result<int>& outcome) {
            if (outcome) ++in_time;
            const std::int64_t late = since(due).count();
            for (auto seen = latest.load(); late > seen && !latest.compare_exchange_weak(seen, late);) continue;
            --left;
        });
    }
    const auto until = clock::now() + patience;
    while (left != 0 && clock::now() < until) std::this_thread::sleep_for(1ms);
    ASSERT_EQ(left, 0);
    std::cout << in_time << " of 1000 in time, the last " << latest << " ms after its deadline\n";
    EXPECT_LE(latest, 100);
}

TEST_P(long_scatters, cancelling_ten_thousand_calls_starts_nothing_after_100_ms_and_stops_handlers_within_200_ms) {
    constexpr int count = 10'000;
    const scratch_directory scratch;
    const std::string record = scratch.path() / "record";
    std::stop_source stop;
    const call_options how{.deadline = patience, .stop = stop.get_token()};
    const std::vector<std::string> arguments(count, record);
    auto run = calls->scatter(recorded_wait, arguments, {.window = count, .call = how});
    const auto at_work = [this] { return calls->server_status(patience).at(0).function("scattered.recorded_wait"); };
    ASSERT_FALSE(run.wait_until(clock::now()));
    while (at_work().queued + at_work().running != count) std::this_thread::sleep_for(1ms);
    ASSERT_FALSE(run.wait_until(clock::now() + 100ms)) << "nothing ends by itself";

    const auto cancelled_at = clock::now();
    stop.request_stop();
    EXPECT_EQ(gather(run, collect).failures().size(), std::size_t{count});
    expect_nothing_left("scattered.recorded_wait");
    std::cout << "nothing is left " << since(cancelled_at).count() << " ms after the cancellation\n";

    std::map<std::string, std::vector<std::chrono::milliseconds>> times;
    std::ifstream lines(record);
    std::string what;
    for (std::int64_t time = 0; lines >> what >> time;) {
        const auto after = clock::time_point(std::chrono::microseconds(time)) - cancelled_at;
        times[what].push_back(std::chrono::duration_cast<std::chrono::milliseconds>(after));
    }
    ASSERT_FALSE(times["began"].empty());
    EXPECT_EQ(times["began"].size(), times["stopped"].size());
    const auto last_begin = std::ranges::max(times["began"]);
    const auto last_stop = std::ranges::max(times["stopped"]);
    std::cout << times["began"].size() << " handlers, the last began at " << last_begin.count()
              << " ms, the last stopped at " << last_stop.count() << " ms\n";
    EXPECT_LE(last_begin, 100ms);
    EXPECT_LE(last_stop, 200ms);
}

}  // namespace
}  // namespace sheaf::test
