// What slow and dying workers cost. Measured, on a machine that should have nothing else to do: a long test.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process_tree.hpp"
#include "robust_place.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

// Lets a process run for a twentieth of the time.
class brake {
  public:
    explicit brake(pid_t on) : on_(on), thread_([this] { work(); }) {}
    ~brake() {
        over_ = true;
        thread_.join();
        ::kill(on_, SIGCONT);
    }
    brake(const brake&) = delete;
    brake& operator=(const brake&) = delete;

  private:
    void work() const {
        while (!over_) {
            ::kill(on_, SIGSTOP);
            std::this_thread::sleep_for(95ms);
            ::kill(on_, SIGCONT);
            std::this_thread::sleep_for(5ms);
        }
    }
    pid_t on_;
    std::atomic<bool> over_ = false;
    std::thread thread_;
};

// Eight workers, twenty units of a tenth of a second for each of them, and two partitions each.
struct eight_workers : testing::Test {
    command slow_job(const std::string& backups) const {
        return place.robust("slow", {"numbers=160", "split_bytes=1", "partitions=16", backups}, {"SHEAF_WORKERS=8"});
    }
    double seconds_of(process& driver) {
        const outcome ended = finish(driver);
        EXPECT_EQ(ended.code, 0) << ended.err;
        std::cout << ended.out;
        const std::string output = place.take_output();
        EXPECT_EQ(std::count(output.begin(), output.end(), ' '), 160);
        return static_cast<double>(numbers_of(ended)["ms"]) / 1000;
    }
    double seconds_in_peace() {
        process driver(slow_job("backups=1"));
        return seconds_of(driver);
    }
    double seconds_with_a_slow_worker(const std::string& backups) {
        process driver(slow_job(backups));
        EXPECT_TRUE(eventually([&] { return descendants_of(driver.pid()).size() >= 8; }));
        const brake slow(descendants_of(driver.pid()).back());
        return seconds_of(driver);
    }
    robust_place place;
};

TEST_F(eight_workers, of_which_one_is_slowed_to_a_twentieth_take_little_longer_with_backups_and_twice_as_long_without) {
    const double peace = seconds_in_peace();
    const double with = seconds_with_a_slow_worker("backups=1");
    const double without = seconds_with_a_slow_worker("backups=0");
    std::cout << "in peace " << peace << " s, with backups " << with << " s, without " << without << " s\n";
    EXPECT_LE(with, 1.3 * peace);
    EXPECT_GE(without, 2 * peace);
}

TEST_F(eight_workers, of_which_one_is_killed_take_half_as_long_again_at_most) {
    const double peace = seconds_in_peace();
    process driver(slow_job("backups=1"));
    ASSERT_TRUE(eventually([&] { return descendants_of(driver.pid()).size() >= 8; }));
    std::this_thread::sleep_for(std::chrono::duration<double>(peace / 2));
    ::kill(descendants_of(driver.pid()).back(), SIGKILL);
    const double killed = seconds_of(driver);
    std::cout << "in peace " << peace << " s, with one worker killed " << killed << " s\n";
    EXPECT_LE(killed, 1.5 * peace);
}

}  // namespace
}  // namespace sheaf::test
