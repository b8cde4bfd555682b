// Runs to which things happen by chance: whatever it is, the output is that of a run in peace. A few seeds; with
// SHEAF_LONG_TESTS a hundred. The seed is in the name of what fails; SHEAF_CHAOS_SEED sets the first.
#include "chaos.hpp"

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/cluster/worker_program.hpp"
#include "robust_place.hpp"
#include "support/sheafd_process.hpp"
#include "support/small_disk.hpp"
#include "text_maker.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

// What a run of these needs, and some space for what chaos leaves of attempts.
constexpr std::uint64_t disk_bytes = 192U << 20;

struct runs_in_chaos : testing::Test {
    static constexpr std::size_t text_bytes = 24'000'000;
    static inline std::unique_ptr<scratch_directory> input;
    static inline std::map<std::string, std::string> golden;  // by job

    static void SetUpTestSuite() {
        input = std::make_unique<scratch_directory>();
        const std::string text = text_maker(7).prose(text_bytes);
        write_file(*input / "text", text);
        word_counts expected;
        count_words(text, expected);
        for (const char* job : {"count", "places"}) {
            const robust_place place;
            const outcome ended = run(place.robust(job, arguments()));
            ASSERT_EQ(ended.code, 0) << ended.err;
            if (std::string_view(job) == "count") expect_equal(read_counts(place.output()), expected);
            // The bytes are at another place than other runs', but what is written speaks of offsets only.
            golden[job] = place.take_output();
        }
    }

    static void TearDownTestSuite() { input.reset(); }

    static std::vector<std::string> arguments() {
        return {"attempts=100", "split_bytes=400000", "partitions=6", input->path().string()};
    }
    static const char* job_of(std::uint64_t seed) { return seed % 2 == 0 ? "count" : "places"; }

    // With fewer seeds each, in the short form.
    static unsigned rounds(unsigned few, unsigned many) { return long_tests_wanted() ? many : few; }

    void expect_golden(const outcome& ended, robust_place& place, std::uint64_t seed) {
        ASSERT_EQ(ended.code, 0) << ended.err;
        EXPECT_TRUE(place.take_output() == golden[job_of(seed)]) << "another output than in peace";
        expect_no_leftovers(place);
        auto numbers = numbers_of(ended);
        EXPECT_EQ(seed % 2 == 0 ? numbers["bytes"] : text_bytes, text_bytes) << "counters are exact";
    }
};

TEST_F(runs_in_chaos, of_workers_segments_and_disks_have_the_same_output) {
    const std::uint64_t first = first_seed();
    std::map<std::string, unsigned> done;
    for (std::uint64_t seed = first; seed < first + rounds(4, 75); ++seed) {
        SCOPED_TRACE("SHEAF_CHAOS_SEED=" + std::to_string(seed));
        robust_place place;
        small_disk disk(place / "", disk_bytes);
        std::filesystem::create_directory(place.temporary());
        process driver(place.robust(job_of(seed), arguments(), {"SHEAF_WORKERS=3"}));
        chaos harm(seed, place.runs(), [&] { return descendants_of(driver.pid()); });
        unsigned fills_left = 4;
        harm.also("filled", [&] {
            if (disk.is_filled()) return disk.clear(), false;
            // A run that finds no space when it begins is an error of another kind.
            if (fills_left == 0 || segments_in(place.runs()).empty()) return false;
            --fills_left;
            return disk.fill(), true;
        });
        harm.work_on(driver);
        disk.clear();
        expect_golden(finish(driver), place, seed);
        for (const auto& [what, count] : harm.account()) done[what] += count;
    }
    for (const auto& [what, count] : done) std::cout << what << ' ' << count << '\n';
    EXPECT_GE(done.size(), long_tests_wanted() ? 5U : 1U) << "nothing has happened: the test tests nothing";
}

TEST_F(runs_in_chaos, of_a_server_that_is_restarted_have_the_same_output) {
    const std::uint64_t first = first_seed();
    for (std::uint64_t seed = first; seed < first + rounds(2, 25); ++seed) {
        SCOPED_TRACE("SHEAF_CHAOS_SEED=" + std::to_string(seed));
        robust_place place;
        const std::string address = "unix:" + (place / "s").string();
        const std::vector<std::string> listening{"--listen", address};
        auto server = std::make_unique<sheafd_process>(listening);
        worker_program workers(address, "tests/robust", 3);
        process driver(place.robust(job_of(seed), arguments(), {"SHEAF_SERVER=" + address}));
        chaos harm(seed, place.runs(), [&] { return children_of(workers.child().pid()); });
        unsigned restarts_left = 3;
        harm.also("restarted", [&] {
            // A run whose server is away when it begins is an error of another kind.
            if (restarts_left == 0 || names_in(place.runs()).empty()) return false;
            --restarts_left;
            server.reset();
            std::filesystem::remove(place / "s");
            server = std::make_unique<sheafd_process>(listening);
            return true;
        });
        harm.work_on(driver);
        expect_golden(finish(driver), place, seed);
    }
}

}  // namespace
}  // namespace sheaf::test
