// What a report finds odd.
#include <gmock/gmock.h>

#include "unit/report/sample_run.hpp"
#include <sheaf/run_report.hpp>

namespace sheaf {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(findings, are_none_for_an_even_run) { EXPECT_THAT(findings(test::sample_run()), IsEmpty()); }

TEST(findings, name_the_partition_that_got_most_of_the_records) {
    map_reduce_report run = test::sample_run();
    run.attempt_log[5].records = 900'000;
    run.attempt_log[6].records = 100'000;
    EXPECT_THAT(findings(run), IsEmpty()) << "90% of two is less than twice its share";
    run.attempt_log.push_back(test::attempt(run_stage::reduce, 2, "a/1", milliseconds(400), milliseconds(500), 0));
    EXPECT_THAT(findings(run), ElementsAre(HasSubstr("Partition 0 got 90% of the records, where 33% would be even")));
    run.attempt_log[5].partition = 208;
    run.attempt_log[5].partitions = 4;
    EXPECT_THAT(findings(run), ElementsAre(HasSubstr("Partitions 208-211 got 90% of the records")));
}

TEST(findings, name_the_key_that_many_records_have_and_say_what_to_do) {
    map_reduce_report run = test::sample_run();
    run.keys = 1000;
    run.frequent_keys = {{"Oslo", 0.497, false}, {"Rome", 0.12, false}};
    EXPECT_THAT(findings(run), ElementsAre(AllOf(HasSubstr("About 50% of what the mappers emitted has the key 'Oslo'"),
                                                 HasSubstr("one reducer had to take all of it"),
                                                 HasSubstr("A combiner or an accumulator would"))));
    run.frequent_keys.front().folded = true;
    EXPECT_THAT(findings(run), ElementsAre(HasSubstr("combined where it was emitted, so this cost little")));
}

TEST(findings, take_a_key_for_frequent_only_beside_many_others) {
    map_reduce_report run = test::sample_run();
    run.frequent_keys = {{"Oslo", 0.5, false}};
    run.keys = 3;
    EXPECT_THAT(findings(run), IsEmpty());
    run.keys = 1000;
    run.frequent_keys.front().share = 0.2;
    EXPECT_THAT(findings(run), IsEmpty());
}

TEST(findings, do_not_count_attempts_in_vain) {
    map_reduce_report run = test::sample_run();
    run.attempt_log.push_back(test::attempt(run_stage::reduce, 2, "a/1", milliseconds(400), milliseconds(500)));
    run.attempt_log.push_back(test::attempt(run_stage::reduce, 2, "a/1", milliseconds(0), milliseconds(0), 9'000'000));
    run.attempt_log.back().outcome = attempt_record::end::second;
    EXPECT_THAT(findings(run), IsEmpty());
}

TEST(findings, name_a_unit_that_took_much_longer_than_others) {
    map_reduce_report run = test::sample_run();
    run.map_time = seconds(4);
    for (std::uint32_t i = 4; i < 24; ++i) {
        run.attempt_log.push_back(test::attempt(run_stage::map, i, "a/1", milliseconds(0), milliseconds(100)));
    }
    run.attempt_log.push_back(test::attempt(run_stage::map, 24, "slow/7", milliseconds(0), seconds(3)));
    EXPECT_THAT(findings(run),
                ElementsAre(HasSubstr("map 24 took 3.00 s, where the mean of its stage is 0.22 s (worker slow/7)")));
}

TEST(findings, tell_of_tiny_files_spills_and_bad_records) {
    map_reduce_report run;
    run.input_files = 100'000;
    run.input_bytes = 100'000 * 1000;
    run.spills = 7;
    run.bad_records = 2;
    run.bad_records_file = "counts.bad-records";
    EXPECT_THAT(findings(run), ElementsAre("2 bad records were left out; see counts.bad-records.",
                                           HasSubstr("100,000 files of 1000 B on average"), HasSubstr("7 times")));
}

TEST(findings, tell_of_the_first_bad_record_when_there_is_no_file) {
    map_reduce_report run;
    run.bad_records = 2;
    run.left_out = {{"/in", 7, 3, "no number"}, {"/in", 70, 3, "no blank"}};
    EXPECT_THAT(findings(run), ElementsAre("2 bad records were left out; the first: /in, byte 7: no number."));
}

TEST(findings, begin_with_what_the_attempts_have_noted) {
    map_reduce_report run = test::sample_run();
    run.notes = {"a line without end"};
    EXPECT_THAT(findings(run), ElementsAre("a line without end"));
}

TEST(findings, tell_of_slots_without_work) {
    map_reduce_report run;
    run.map_time = seconds(10);
    run.attempt_log = {test::attempt(run_stage::map, 0, "a", seconds(0), seconds(10)),
                       test::attempt(run_stage::map, 1, "b", seconds(0), seconds(1))};
    EXPECT_THAT(findings(run), ElementsAre(HasSubstr("The 2 slots had work for 55% of the time")));
}

TEST(findings, count_a_worker_and_the_one_in_its_place_as_one_slot) {
    map_reduce_report run;
    run.map_time = seconds(10);
    run.attempt_log = {test::attempt(run_stage::map, 0, "a", seconds(0), seconds(10)),
                       test::attempt(run_stage::map, 1, "b", seconds(0), seconds(4)),
                       test::attempt(run_stage::map, 2, "c", seconds(4), seconds(8))};
    EXPECT_TRUE(findings(run).empty()) << "90% of two slots";
}

TEST(findings, count_a_worker_once_whose_attempts_seem_to_overlap) {
    map_reduce_report run;
    run.map_time = seconds(10);
    run.attempt_log = {test::attempt(run_stage::map, 0, "a", seconds(0), seconds(5)),
                       test::attempt(run_stage::map, 1, "a", seconds(4), seconds(9)),
                       test::attempt(run_stage::map, 2, "b", seconds(0), seconds(5))};
    EXPECT_TRUE(findings(run).empty()) << "75% of two slots";
}

TEST(findings, do_not_count_attempts_of_unknown_workers_as_slots) {
    map_reduce_report run;
    run.map_time = seconds(10);
    run.attempt_log = {test::attempt(run_stage::map, 0, "a", seconds(0), seconds(10)),
                       test::attempt(run_stage::map, 1, "b", seconds(0), seconds(5)),
                       test::attempt(run_stage::map, 1, "", seconds(4), seconds(5))};
    EXPECT_TRUE(findings(run).empty()) << "75% of two slots";
}

}  // namespace
}  // namespace sheaf
