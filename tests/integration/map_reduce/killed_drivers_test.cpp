// Drivers that are killed after as many notes in their journals as chance says, and runs that go on from there: the output is that of a
// run in peace, and what was finished is not done again. A few seeds for each kind of run; with SHEAF_LONG_TESTS many. The
// seed is in what fails; SHEAF_CHAOS_SEED sets the first.
#include <optional>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chaos.hpp"
#include "map_reduce/journal.hpp"
#include "map_reduce/run_account.hpp"
#include "robust_place.hpp"
#include "text_maker.hpp"

namespace sheaf::test {
namespace {

using detail::run_account;

/// Runs of one kind: a job, an output, and what else makes them what they are.
struct run_kind {
    const char* name;
    const char* job;
    std::vector<std::string> options;
    bool poisoned = false;
};

void PrintTo(const run_kind& what, std::ostream* out) { *out << what.name; }

const std::vector<run_kind> kinds{
    {"directories", "count", {}}, {"single_files", "places", {"single=1"}},
    {"map_only", "lines", {}},    {"ranges", "ordered", {}},
    {"two_tiers", "tiers", {}},   {"divided", "poison", {"bad_records=2", "split_bytes=1000", "partitions=2"}, true}};

/// What the journal of a dead driver says, if it has come so far.
std::optional<run_account> account_in(const std::filesystem::path& runs) {
    for (const std::string& run : names_in(runs)) {
        const detail::journal_text text = detail::read_journal(runs / run / "journal");
        if (text.notes.empty()) continue;
        run_account account(std::get<detail::run_header>(text.notes.front()));
        for (std::size_t i = 1; i < text.notes.size(); ++i) EXPECT_TRUE(account.apply(text.notes[i])) << "note " << i;
        return account;
    }
    return std::nullopt;
}

std::size_t notes_in(const std::filesystem::path& runs) {
    std::size_t notes = 0;
    for (const std::string& run : names_in(runs)) notes += detail::read_journal(runs / run / "journal").notes.size();
    return notes;
}

/// Units that nobody has to do again.
struct finished_units {
    std::uint64_t mapped = 0;
    std::uint64_t merged = 0;
    std::uint64_t reduced = 0;
    std::vector<detail::input_piece> pieces;  ///< that are mapped

    explicit finished_units(const run_account& account) {
        for (const std::uint32_t index : account.order()) {
            if (account.mapped(index) == nullptr) continue;
            ++mapped;
            const auto& of = account.splits()[index];
            pieces.insert(pieces.end(), of.begin(), of.end());
        }
        for (std::uint32_t i = 0; i < account.header().groups; ++i) merged += account.merged(i) != nullptr;
        for (std::uint32_t i = 0; i < account.reduce_units(); ++i) reduced += account.reduced(i) != nullptr;
    }
    [[nodiscard]] std::uint64_t count() const { return mapped + merged + reduced; }
    [[nodiscard]] bool has(std::uint64_t offset) const {
        return std::ranges::any_of(pieces, [offset](const detail::input_piece& one) {
            return one.offset <= offset && offset < one.offset + one.length;
        });
    }
};

struct killed_drivers : testing::TestWithParam<run_kind> {
    killed_drivers() {
        std::string text = text_maker(7).prose(1'500'000);
        if (GetParam().poisoned) {
            text.clear();
            for (int i = 0; i < 1000; ++i)
                text += (i == 300 ? "die\n" : i == 700 ? "throw\n" : "") + std::to_string(i) + "\n";
        }
        bytes = text.size();
        write_file(place.input() / "text", text);
        const outcome ended = run(start("golden"));
        EXPECT_EQ(ended.code, 0) << ended.err;
        auto numbers = numbers_of(ended);
        units = numbers["splits"] + (GetParam().poisoned ? 2 : 6);
        golden = take_output();
    }

    /// And what was written aside.
    [[nodiscard]] std::string take_output() const {
        std::filesystem::remove(place.output() + ".bad-records");
        return place.take_output();
    }

    /// The program, which notes in the file `log` of the place what it maps.
    command start(const std::string& log) const {
        std::vector<std::string> arguments{"resume=1", "backups=0", "attempts=20"};
        if (!GetParam().poisoned) arguments.insert(arguments.end(), {"split_bytes=100000", "partitions=6"});
        arguments.insert(arguments.end(), GetParam().options.begin(), GetParam().options.end());
        arguments.push_back(place.input().string());
        return place.robust(GetParam().job, arguments, {"ROBUST_LOG=" + (place / log).string()});
    }

    /// Whether the driver was killed when its journal had so many notes, or a few more; otherwise it has ended by itself.
    static bool kill_after(std::size_t notes, process& driver, const std::filesystem::path& runs) {
        while (!driver.wait(std::chrono::milliseconds(1))) {
            if (notes_in(runs) < notes) continue;
            driver.send_signal(SIGKILL);
            return driver.wait() == 128 + SIGKILL;
        }
        return false;
    }

    void expect_golden(const outcome& ended) {
        // The driver before may have been killed after its last step, before it could say so.
        const bool was_done = ended.err.find("directory " + place.output() + " exists already") != std::string::npos ||
                              ended.err.find("file " + place.output() + " exists already") != std::string::npos;
        if (!was_done) {
            ASSERT_EQ(ended.code, 0) << ended.err;
        }
        EXPECT_TRUE(take_output() == golden) << "another output than in peace";
        if (was_done) return;
        auto numbers = numbers_of(ended);
        EXPECT_EQ(numbers["bad"], GetParam().poisoned ? 2U : 0U);
        if (numbers.contains("bytes")) {
            EXPECT_EQ(numbers["bytes"], bytes) << "counters are exact";
        }
    }

    void expect_not_done_again(const run_account& left, const outcome& ended, const std::string& log) {
        const finished_units finished(left);
        auto numbers = numbers_of(ended);
        EXPECT_EQ(numbers["resumed"], finished.count());
        std::istringstream mapped(std::filesystem::exists(place / log) ? read_file(place / log) : std::string());
        for (std::uint64_t offset = 0; mapped >> offset;)
            EXPECT_FALSE(finished.has(offset)) << "mapped again: what begins at " << offset;
        if (GetParam().poisoned) return;
        EXPECT_EQ(numbers["map_attempts"], left.order().size() - finished.mapped);
        EXPECT_EQ(numbers["merge_attempts"], left.header().groups - finished.merged);
        EXPECT_EQ(numbers["reduce_attempts"], left.reduce_units() - finished.reduced);
    }

    robust_place place;
    std::size_t bytes = 0;
    std::uint64_t units = 0;
    std::string golden;
};

TEST_P(killed_drivers, have_runs_that_go_on_where_they_were_and_come_to_the_same) {
    const std::uint64_t first = first_seed();
    const unsigned seeds = long_tests_wanted() ? 20 : 2;
    unsigned resumed = 0;
    for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
        SCOPED_TRACE("SHEAF_CHAOS_SEED=" + std::to_string(seed));
        std::mt19937_64 random(seed);
        std::optional<run_account> left;
        for (unsigned run = 0;; ++run) {
            const std::string log = "log-" + std::to_string(seed) + "-" + std::to_string(run);
            process driver(start(log));
            // Twice, at most, and the second time later than the first. Half of them early, so that some have much to go on with.
            const std::size_t before = run == 0 ? 1 : notes_in(place.runs());
            const std::uint64_t more = 1 + random() % (seed % 2 == 0 ? units / 2 : units);
            if (run < 2 && kill_after(before + more, driver, place.runs())) {
                left = account_in(place.runs());
                continue;
            }
            const outcome ended = finish(driver);
            expect_golden(ended);
            if (left && ended.code == 0) expect_not_done_again(*left, ended, log);
            resumed += static_cast<unsigned>(numbers_of(ended)["resumed"] != 0);
            break;
        }
        if (HasFatalFailure()) return;
    }
    EXPECT_GE(resumed, 1U) << "nothing was resumed: the test tests nothing";
}

INSTANTIATE_TEST_SUITE_P(of, killed_drivers, testing::ValuesIn(kinds),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace sheaf::test
