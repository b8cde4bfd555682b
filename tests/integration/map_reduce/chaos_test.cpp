// Runs to which things happen by chance: whatever it is, the output is that of a run in peace. A few seeds; with
// SHEAF_LONG_TESTS a hundred. The seed is in the name of what fails; SHEAF_CHAOS_SEED sets the first.
#include "chaos.hpp"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/cluster/worker_program.hpp"
#include "support/sheafd_process.hpp"
#include "text_maker.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

bool long_tests_wanted() {
    const char* const value = std::getenv("SHEAF_LONG_TESTS");
    return value != nullptr && *value != '\0';
}

std::uint64_t first_seed() {
    if (const char* const value = std::getenv("SHEAF_CHAOS_SEED")) return std::strtoull(value, nullptr, 10);
    return std::random_device{}() % 1'000'000;
}

struct runs_in_chaos : testing::Test {
    static inline std::string text;
    static inline std::map<std::string, std::string> golden;  // by job

    static void SetUpTestSuite() {
        text = text_maker(7).prose(24'000'000);
        word_counts expected;
        count_words(text, expected);
        for (const char* job : {"count", "places"}) {
            robust_place place;
            write_file(place.input() / "text", text);
            const outcome ended = run(place.robust(job, arguments(place)));
            ASSERT_EQ(ended.code, 0) << ended.err;
            if (std::string_view(job) == "count") expect_equal(read_counts(place.output()), expected);
            // The bytes are at another place than other runs', but what is written speaks of offsets only.
            golden[job] = place.take_output();
        }
    }

    static std::vector<std::string> arguments(const robust_place& place, bool resume = false) {
        return {"attempts=100", "split_bytes=400000", "partitions=6", resume ? "resume=1" : "resume=0",
                place.input().string()};
    }
    static const char* job_of(std::uint64_t seed) { return seed % 2 == 0 ? "count" : "places"; }

    // With fewer seeds each, in the short form.
    static unsigned rounds(unsigned few, unsigned many) { return long_tests_wanted() ? many : few; }

    void expect_golden(const outcome& ended, robust_place& place, std::uint64_t seed) {
        ASSERT_EQ(ended.code, 0) << ended.err;
        EXPECT_TRUE(place.take_output() == golden[job_of(seed)]) << "another output than in peace";
        expect_no_leftovers(place);
        auto numbers = numbers_of(ended);
        EXPECT_EQ(seed % 2 == 0 ? numbers["bytes"] : text.size(), text.size()) << "counters are exact";
    }
};

TEST_F(runs_in_chaos, of_workers_and_segments_have_the_same_output) {
    const std::uint64_t first = first_seed();
    std::map<std::string, unsigned> done;
    for (std::uint64_t seed = first; seed < first + rounds(4, 75); ++seed) {
        SCOPED_TRACE("SHEAF_CHAOS_SEED=" + std::to_string(seed));
        robust_place place;
        write_file(place.input() / "text", text);
        process driver(place.robust(job_of(seed), arguments(place), {"SHEAF_WORKERS=3"}));
        chaos harm(seed, place, [&] { return descendants_of(driver.pid()); });
        harm.work_on(driver);
        expect_golden(finish(driver), place, seed);
        for (const auto& [what, count] : harm.account()) done[what] += count;
    }
    for (const auto& [what, count] : done) std::cout << what << ' ' << count << '\n';
    EXPECT_GE(done.size(), long_tests_wanted() ? 4U : 1U) << "nothing has happened: the test tests nothing";
}

TEST_F(runs_in_chaos, of_a_server_that_is_restarted_have_the_same_output) {
    const std::uint64_t first = first_seed();
    for (std::uint64_t seed = first; seed < first + rounds(2, 25); ++seed) {
        SCOPED_TRACE("SHEAF_CHAOS_SEED=" + std::to_string(seed));
        robust_place place;
        write_file(place.input() / "text", text);
        const std::string address = "unix:" + (place / "s").string();
        const std::vector<std::string> listening{"--listen", address};
        auto server = std::make_unique<sheafd_process>(listening);
        worker_program workers(address, "tests/robust", 3);
        process driver(place.robust(job_of(seed), arguments(place), {"SHEAF_SERVER=" + address}));
        chaos harm(seed, place, [&] { return children_of(workers.child().pid()); });
        unsigned restarts_left = 3;
        harm.also([&] {
            // A run whose server is away when it begins is an error of another kind.
            if (restarts_left == 0 || names_in(place.runs()).empty()) return;
            --restarts_left;
            server.reset();
            std::filesystem::remove(place / "s");
            server = std::make_unique<sheafd_process>(listening);
        });
        harm.work_on(driver);
        expect_golden(finish(driver), place, seed);
    }
}

TEST_F(runs_in_chaos, whose_driver_is_killed_and_resumed_have_the_same_output) {
    const std::uint64_t first = first_seed();
    unsigned resumed = 0;
    for (std::uint64_t seed = first; seed < first + rounds(3, 50); ++seed) {
        SCOPED_TRACE("SHEAF_CHAOS_SEED=" + std::to_string(seed));
        std::mt19937_64 random(seed);
        robust_place place;
        write_file(place.input() / "text", text);
        // Killed later each time, or a slow machine would never come to the end.
        for (unsigned kills = 0;; ++kills) {
            process driver(place.robust(job_of(seed), arguments(place, true)));
            if (driver.wait(std::chrono::milliseconds(random() % 500 + 200 * kills))) {
                const outcome ended = finish(driver);
                if (ended.code != 0 && ended.err.find("exists already") != std::string::npos) {
                    // The one before was killed after its last step, before it could say so.
                    EXPECT_TRUE(place.take_output() == golden[job_of(seed)]);
                    break;
                }
                expect_golden(ended, place, seed);
                resumed += static_cast<unsigned>(numbers_of(ended)["resumed"] != 0);
                break;
            }
            driver.send_signal(SIGKILL);
            ASSERT_TRUE(driver.wait());
        }
    }
    if (long_tests_wanted()) {
        EXPECT_GT(resumed, 10U) << "too few were resumed: the test tests nothing";
    }
}

}  // namespace
}  // namespace sheaf::test
