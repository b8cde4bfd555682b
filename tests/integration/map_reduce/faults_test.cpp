// Runs whose processes are killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process_tree.hpp"
#include "text_maker.hpp"
#include "word_count.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct word_count_under_fire : testing::Test {
    // Long enough that there is time to interfere, and made once.
    static inline std::string text;
    static inline word_counts expected;
    static void SetUpTestSuite() {
        text = text_maker(1).prose(40'000'000);
        count_words(text, expected);
    }
    static void TearDownTestSuite() {
        text.clear();
        expected.clear();
    }

    word_count_under_fire() {
        write_file(place.input() / "text", text);
        place.expected = expected;
    }
    word_count_place place;

    // Stops a worker of `driver` in the middle of an attempt that is writing a file with `what` in its name.
    std::optional<pid_t> stop_a_worker(const process& driver, const std::string& what) const {
        std::optional<pid_t> caught;
        const auto catch_one = [&] {
            for (const pid_t worker : descendants_of(driver.pid())) {
                if (!has_open(worker, what, ".tmp")) continue;
                ::kill(worker, SIGSTOP);
                if (eventually([&] { return is_stopped(worker); }) && has_open(worker, what, ".tmp")) {
                    caught = worker;
                    return true;
                }
                ::kill(worker, SIGCONT);
            }
            return false;
        };
        if (!eventually(catch_one)) ADD_FAILURE() << "no worker was writing " << what << ": " << driver.error_output();
        return caught;
    }
};

TEST_F(word_count_under_fire, two_workers_that_are_killed_change_nothing) {
    process driver(place.program_over_input());
    for (int kills = 0; kills < 2; ++kills) {
        const auto worker = stop_a_worker(driver, "map-");
        ASSERT_TRUE(worker);
        ::kill(*worker, SIGKILL);
    }
    const outcome ended = finish(driver);
    expect_counted(ended, place);
    EXPECT_THAT(ended.err, HasSubstr("2 lost workers"));
}

TEST_F(word_count_under_fire, a_killed_driver_takes_all_its_processes_along_and_the_next_run_sweeps_up) {
    std::vector<other_process> workers;
    {
        process driver(place.program_over_input());
        ASSERT_TRUE(eventually([&] {
            const auto all = descendants_of(driver.pid());
            return all.size() >= 2 && std::ranges::any_of(all, [](pid_t one) { return has_open(one, "map-", ".tmp"); });
        })) << driver.error_output();
        for (const pid_t one : descendants_of(driver.pid())) workers.emplace_back(one);
        driver.send_signal(SIGKILL);
        ASSERT_EQ(driver.wait(), 128 + SIGKILL);
    }
    for (const other_process& one : workers) EXPECT_TRUE(one.ends(5s)) << "a process outlived its driver";
    EXPECT_FALSE(std::filesystem::exists(place.output()));
    EXPECT_EQ(names_in(place.runs()).size(), 1U) << "nothing to sweep: the test tests nothing";
    expect_counted(run(place.program_over_input()), place);
}

TEST_F(word_count_under_fire, an_interrupted_run_ends_at_once_with_130_and_leaves_nothing) {
    process driver(place.program_over_input());
    std::vector<other_process> workers;
    const auto worker = stop_a_worker(driver, "map-");
    ASSERT_TRUE(worker);
    for (const pid_t one : descendants_of(driver.pid())) workers.emplace_back(one);
    ::kill(*worker, SIGCONT);
    driver.send_signal(SIGINT);
    const outcome ended = finish(driver);
    EXPECT_EQ(ended.code, 130);
    EXPECT_EQ(ended.out, "");
    for (const other_process& one : workers) EXPECT_TRUE(one.ends(5s));
    EXPECT_FALSE(std::filesystem::exists(place.output()));
    expect_no_leftovers(place);
}

TEST_F(word_count_under_fire, a_map_output_that_is_gone_is_made_again) {
    process driver(place.program_over_input());
    // While a worker is stopped in its attempt, the map stage cannot end.
    const auto worker = stop_a_worker(driver, "map-");
    ASSERT_TRUE(worker);
    std::filesystem::path removed;
    EXPECT_TRUE(eventually([&] {
        for (const std::string& run : names_in(place.runs())) {
            for (const std::string& file : names_in(place.runs() / run)) {
                if (!file.starts_with("map-") || file.ends_with(".tmp")) continue;
                removed = place.runs() / run / file;
                return std::filesystem::remove(removed);
            }
        }
        return false;
    })) << "no map output appeared";
    ::kill(*worker, SIGCONT);
    const outcome ended = finish(driver);
    expect_counted(ended, place);
    EXPECT_THAT(ended.err, HasSubstr("1 lost segment")) << removed;
}

TEST_F(word_count_under_fire, an_input_that_changes_during_the_run_is_one_error) {
    process driver(place.program_over_input());
    const auto worker = stop_a_worker(driver, "map-");
    ASSERT_TRUE(worker);
    std::filesystem::resize_file(place.input() / "text", 1'000'000);
    ::kill(*worker, SIGCONT);
    expect_failed(finish(driver), place,
                  (place.input() / "text").string() + "' has changed while the run was reading it");
}

}  // namespace
}  // namespace sheaf::test
