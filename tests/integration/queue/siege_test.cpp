// Load with random faults of every kind: for some seconds, or with SHEAF_LONG_TESTS for ten minutes. In the first half the server is
// ended, too; in the second it lives on, so that what it gathers would show. SHEAF_SEED chooses the faults.
#include "integration/queue/siege.hpp"

#include <atomic>
#include <iostream>
#include <thread>

#include <gtest/gtest.h>

#include "integration/runtime/running_worker.hpp"
#include "sheaf/runtime/client.hpp"
#include "support/random_text.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

/// Somebody who waits for results, by our client: each call has to end by its deadline, and a result to be right.
class caller {
  public:
    explicit caller(siege& of) : of_(&of), worker_({.servers = {of.where()}}, {{"reverse", &reverse}}) {
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }
    [[nodiscard]] std::size_t answered() const noexcept { return answered_; }
    [[nodiscard]] std::size_t wrong() const noexcept { return wrong_; }

  private:
    void run(const std::stop_token& stop) {
        runtime::client client({.servers = {of_->way_in()}});
        for (std::size_t number = 1; !stop.stop_requested(); ++number) {
            const std::string text = "call " + std::to_string(number);
            of_->notes().add({.what = fact::called, .who = "caller", .limit = 2s});
            const auto end = client.run({.function = "reverse",
                                         .payload = shared_bytes(text),
                                         .deadline = std::chrono::steady_clock::now() + 2s});
            of_->notes().add({.what = fact::returned, .who = "caller"});
            if (end.how != runtime::job_end::kind::complete) continue;
            ++answered_;
            wrong_ += end.data.view() != std::string(text.rbegin(), text.rend());
        }
    }
    siege* of_;
    running_worker worker_;
    std::atomic<std::size_t> answered_ = 0;
    std::atomic<std::size_t> wrong_ = 0;
    std::jthread thread_;
};

// AddressSanitizer keeps what was freed for a while.
#ifdef __SANITIZE_ADDRESS__
constexpr long growth_max_kib = 512 * 1024;
#else
constexpr long growth_max_kib = 16 * 1024;
#endif

void expect_no_growth(const footprint& early, const footprint& late) {
    EXPECT_LE(late.resident_kib, early.resident_kib + growth_max_kib);
    EXPECT_LE(late.descriptors, early.descriptors + 10);
    EXPECT_LE(late.store_bytes, std::uintmax_t{100} << 20) << "64 MiB of log, 4 MiB of results, and what is queued";
}

// What is stuck may be so with all its might.
void expect_rest(const siege& of) {
    const auto before = of.measure().processor;
    std::this_thread::sleep_for(2s);
    EXPECT_LE(of.measure().processor - before, 500ms) << "with nothing to do in two seconds";
}

TEST(a_queue_under_siege, keeps_every_promise_and_does_not_grow) {
    const std::uint64_t seed = random_seed();
    SCOPED_TRACE("SHEAF_SEED=" + std::to_string(seed));
    std::cout << "SHEAF_SEED=" << seed << std::endl;
    siege around(seed);
    {
        const caller calls(around);
        const auto half = tests_are_long() ? std::chrono::seconds(300) : std::chrono::seconds(4);
        const auto start = std::chrono::steady_clock::now();
        while (std::chrono::steady_clock::now() < start + half) around.strike(true);
        const footprint early = around.measure();
        while (std::chrono::steady_clock::now() < start + 2 * half) around.strike(false);
        expect_no_growth(early, around.measure());
        EXPECT_GT(calls.answered(), 0U);
        EXPECT_EQ(calls.wrong(), 0U);
    }
    EXPECT_EQ(around.lift(), "");
    if (tests_are_long()) expect_rest(around);
    const summary sum = summarize(around.server().seen());
    std::cout << around.tally() << "\n"
              << sum.acknowledged << " jobs acknowledged, " << sum.refused << " refused, " << sum.lost << " lost, "
              << sum.again << " executed again, " << sum.dead << " dead letters\n";
}

}  // namespace
}  // namespace sheaf::test
