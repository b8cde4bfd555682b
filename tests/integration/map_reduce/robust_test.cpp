// Runs that are made twice, taken over, or meet records that do harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chaos.hpp"
#include "integration/cluster/worker_program.hpp"
#include "robust_place.hpp"
#include "support/sheafd_process.hpp"
#include "support/small_disk.hpp"
#include "text_maker.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

struct robust_runs : testing::Test {
    robust_numbers expect_good(const outcome& ended) {
        EXPECT_EQ(ended.code, 0) << ended.err;
        expect_no_leftovers(place);
        return numbers_of(ended);
    }
    robust_place place;
};

// ---- Verification.

TEST_F(robust_runs, that_are_verified_make_each_unit_twice) {
    place.add_input("text", text_maker(1).prose(200'000));
    auto numbers =
        expect_good(run(place.robust("places", {"verify=1", "split_bytes=50000", "partitions=3", place.input()})));
    EXPECT_EQ(numbers["splits"], 4U);
    EXPECT_EQ(numbers["verified"], 7U);
    EXPECT_GE(numbers["attempts"], 14U);
}

TEST_F(robust_runs, whose_mapper_takes_chances_are_found_out_by_verifying) {
    place.add_input("text", "a\nb\n");
    const outcome ended = run(place.robust("chance", {"verify=1", place.input()}));
    expect_failed(ended, place, "gave different results in two attempts");
    EXPECT_THAT(ended.err, HasSubstr("split 0 (" + (place.input() / "text").string()));
}

TEST_F(robust_runs, whose_mapper_depends_on_its_process_are_found_out_by_verifying) {
    place.add_input("text", "a\nb\n");
    expect_failed(run(place.robust("process", {"verify=1", place.input()})), place,
                  "gave different results in two attempts");
}

// ---- Bad records.

struct poisoned_runs : robust_runs {
    // A text whose lines are numbers, with these lines in the middle.
    void add_poisoned(const std::string& poison) {
        std::string text;
        for (int i = 0; i < 1000; ++i) {
            if (i == 500) text += poison;
            text += std::to_string(i) + "\n";
        }
        write_file(place.input() / "text", text);
    }
    std::string bad_records() const { return read_file(place.output() + ".bad-records"); }
    std::string expected_line(const std::string& reason, const std::string& record) const {
        // 10 + 2 * 90 + 3 * 400 digits, and 500 newlines, are before it.
        return (place.input() / "text").string() + "\t1890\t" + std::to_string(record.size() + 1) + "\t" + reason;
    }
    void expect_all_others() {
        const std::string output = place.take_output();
        EXPECT_EQ(std::count(output.begin(), output.end(), '\t'), 1000);
    }
};

TEST_F(poisoned_runs, a_record_for_which_the_mapper_throws_is_written_aside) {
    add_poisoned("throw\n");
    auto numbers = expect_good(run(place.robust("poison", {"bad_records=1", "split_bytes=1000", place.input()})));
    EXPECT_EQ(numbers["bad"], 1U);
    EXPECT_THAT(bad_records(), HasSubstr(expected_line("", "throw")));
    EXPECT_THAT(bad_records(), HasSubstr("a line that throws"));
    expect_all_others();
}

TEST_F(poisoned_runs, one_bad_record_more_than_may_be_left_out_fails_the_run) {
    add_poisoned("throw\nthrow\n");
    expect_failed(run(place.robust("poison", {"bad_records=1", place.input()})), place, "a line that throws");
    EXPECT_FALSE(std::filesystem::exists(place.output() + ".bad-records"));
}

TEST_F(poisoned_runs, a_record_that_kills_workers_is_found_by_division) {
    add_poisoned("die\n");
    auto numbers = expect_good(run(place.robust("poison", {"bad_records=1", "split_bytes=1000", place.input()})));
    EXPECT_EQ(numbers["bad"], 1U);
    EXPECT_GT(numbers["lost_workers"], 3U);
    EXPECT_THAT(bad_records(), HasSubstr(expected_line("", "die")));
    EXPECT_THAT(bad_records(), Not(HasSubstr("stays")));
    expect_all_others();
}

TEST_F(poisoned_runs, that_take_samples_of_such_a_record_do_without_them) {
    add_poisoned("die\n");
    auto numbers =
        expect_good(run(place.robust("ranges", {"bad_records=1", "split_bytes=1000", "partitions=2", place.input()})));
    EXPECT_EQ(numbers["bad"], 1U);
    expect_all_others();
}

TEST_F(poisoned_runs, a_record_at_which_workers_hang_is_found_as_well) {
    add_poisoned("hang\n");
    auto numbers = expect_good(run(place.robust(
        "poison", {"bad_records=1", "stalled_ms=100", "split_bytes=1000", place.input()}, {"SHEAF_STOP_GRACE=0.05"})));
    EXPECT_EQ(numbers["bad"], 1U);
    EXPECT_THAT(bad_records(), HasSubstr("no progress in 100 ms"));
    expect_all_others();
}

TEST_F(robust_runs, leave_out_a_group_at_which_workers_die) {
    auto numbers = expect_good(run(place.robust("deadly", {"numbers=20", "partitions=2", "bad_records=1"})));
    EXPECT_EQ(numbers["bad"], 1U);
    EXPECT_EQ(numbers["lost_workers"], 3U);
    EXPECT_THAT(read_file(place.output() + ".bad-records"), HasSubstr("key '7'"));
    const std::string output = place.take_output();
    EXPECT_EQ(std::count(output.begin(), output.end(), ' '), 19);
}

TEST_F(robust_runs, that_may_leave_nothing_out_say_at_which_group_workers_die) {
    const outcome ended = run(place.robust("deadly", {"numbers=20", "partitions=2"}));
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.err, HasSubstr("workers die at key '7'"));
    EXPECT_THAT(ended.err, HasSubstr("bad_records"));
    expect_no_leftovers(place);
}

// ---- Resuming.

TEST_F(robust_runs, of_a_killed_driver_are_resumed_and_what_was_finished_is_not_done_again) {
    const std::vector<std::string> arguments{"numbers=40", "split_bytes=1", "partitions=4", "resume=1"};
    outcome first;
    {
        process driver(place.robust("slow", arguments));
        // As many units are done as there are segments.
        ASSERT_TRUE(eventually([&] {
            const auto runs = names_in(place.runs());
            if (runs.empty()) return false;
            const auto files = names_in(place.runs() / runs.front());
            return std::ranges::count_if(files, [](const std::string& name) { return name.starts_with("map-"); }) > 8;
        })) << driver.error_output();
        driver.send_signal(SIGKILL);
        ASSERT_EQ(driver.wait(), 128 + SIGKILL);
    }
    auto numbers = expect_good(run(place.robust("slow", arguments)));
    EXPECT_GE(numbers["resumed"], 6U);
    EXPECT_EQ(numbers["attempts"] + numbers["resumed"], 44U + numbers["retries"] + numbers["backups"]);
    const std::string resumed = place.take_output();
    EXPECT_EQ(std::count(resumed.begin(), resumed.end(), ' '), 40);
}

TEST_F(robust_runs, that_are_resumed_over_a_changed_input_begin_anew) {
    place.add_input("text", text_maker(1).prose(20'000'000));
    {
        process driver(place.robust("count", {"resume=1", place.input()}));
        ASSERT_TRUE(eventually([&] { return !names_in(place.runs()).empty(); }));
        driver.send_signal(SIGKILL);
        ASSERT_EQ(driver.wait(), 128 + SIGKILL);
    }
    place.expected.clear();
    place.add_input("text", "a b a");
    auto numbers = expect_good(run(place.robust("count", {"resume=1", place.input()})));
    EXPECT_EQ(numbers["resumed"], 0U);
    expect_equal(read_counts(place.output()), place.expected);
}

// ---- Full disks.

TEST_F(robust_runs, that_find_no_space_fail_and_are_resumed_when_there_is_some) {
    small_disk disk(place / "", 8U << 20);
    std::filesystem::create_directory(place.temporary());
    const std::vector<std::string> arguments{"numbers=40", "split_bytes=1", "partitions=4", "resume=1",
                                             "wait_for_space_ms=300"};
    process driver(place.robust("slow", arguments));
    ASSERT_TRUE(eventually([&] { return segments_in(place.runs()).size() > 8; })) << driver.error_output();
    disk.fill();
    const outcome failed = finish(driver);
    EXPECT_EQ(failed.code, 1);
    EXPECT_THAT(failed.err, HasSubstr("No space left on device"));
    EXPECT_THAT(failed.err, HasSubstr("goes on from there when it is resumed"));
    disk.clear();
    auto numbers = expect_good(run(place.robust("slow", arguments)));
    EXPECT_GE(numbers["resumed"], 8U);
    const std::string resumed = place.take_output();
    EXPECT_EQ(std::count(resumed.begin(), resumed.end(), ' '), 40);
}

TEST_F(robust_runs, that_find_no_space_to_join_their_parts_wait_for_it_and_go_on_there_when_they_are_resumed) {
    const scratch_directory input;
    write_file(input / "text", text_maker(1).prose(8'000'000));
    small_disk disk(place / "", 32U << 20);
    std::filesystem::create_directory(place.temporary());
    // With it there is space for the parts, but not for the parts and the file.
    write_file(place / "ballast", std::string(16U << 20, 'x'));
    const auto start = [&](const std::string& wait) {
        return place.robust("lines", {"single=1", "resume=1", "wait_for_space_ms=" + wait, input.path().string()});
    };
    const outcome failed = run(start("300"));
    EXPECT_EQ(failed.code, 1);
    EXPECT_THAT(failed.err, HasSubstr("No space left on device; there was no space for 300 ms"));
    EXPECT_THAT(failed.err, HasSubstr("is done. What has been done is kept for 24 hours"));

    process driver(start("60000"));
    ASSERT_TRUE(eventually([&] {
        for (const std::string& name : names_in(place / ""))
            if (std::filesystem::exists(place / name / "joined")) return true;
        return false;
    })) << driver.error_output();
    std::filesystem::remove(place / "ballast");
    auto numbers = expect_good(finish(driver));
    EXPECT_EQ(numbers["resumed"], numbers["splits"]);
    EXPECT_EQ(numbers["attempts"], 0U);
    EXPECT_GT(std::filesystem::file_size(place.output()), 8'000'000U);
}

// ---- Servers that go away.

TEST_F(robust_runs, whose_server_stays_away_say_so_and_fail_and_are_resumed) {
    const std::vector<std::string> arguments{"numbers=40", "split_bytes=1", "partitions=4",
                                             "resume=1",   "progress=1",    "wait_for_servers_ms=3500"};
    {
        sheafd_process server;
        const std::string address = "127.0.0.1:" + server.port();
        const worker_program workers(address, "tests/robust");
        process driver(place.robust("slow", arguments, {"SHEAF_SERVER=" + address}));
        ASSERT_TRUE(eventually([&] { return segments_in(place.runs()).size() > 8; })) << driver.error_output();
        server.child().send_signal(SIGKILL);
        const outcome failed = finish(driver);
        EXPECT_EQ(failed.code, 1);
        EXPECT_THAT(failed.err, HasSubstr("robust.slow: no job server answers: " + address));
        EXPECT_THAT(failed.err, HasSubstr("No job server has answered for 3.5"));
        EXPECT_THAT(failed.err, HasSubstr("goes on from there when it is resumed"));
    }
    auto numbers = expect_good(run(place.robust("slow", arguments)));
    EXPECT_GE(numbers["resumed"], 8U);
}

// ---- Many partitions.

TEST_F(robust_runs, with_many_partitions_reduce_several_in_one_attempt) {
    place.add_input("text", text_maker(1).distinct_words(200'000));
    auto numbers = expect_good(run(place.robust("count", {"partitions=5000", place.input()})));
    EXPECT_LT(numbers["attempts"], 200U);
    EXPECT_EQ(names_in(place.output()).size(), 5000U);
    expect_equal(read_counts(place.output()), place.expected);
}

}  // namespace
}  // namespace sheaf::test
