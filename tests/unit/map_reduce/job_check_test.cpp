// Whether a run's options fit its job, before anything is done.
#include "map_reduce/job_check.hpp"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

using testing::HasSubstr;

std::string misfit(const job_shape& job, map_reduce_options how) {
    if (how.inputs.empty()) how.input = numbers(0, 1);
    const auto why = misfit_of(job, how);
    return why ? why->message : "fits";
}
job_shape giving(std::string pairs, bool have_text = true) {
    job_shape job;
    job.pair_schema = std::move(pairs);
    job.pairs_have_text = have_text;
    return job;
}

TEST(job_check, a_job_needs_as_many_inputs_as_it_has_mappers) {
    job_shape job;
    EXPECT_EQ(misfit(job, {.output = "x"}), "fits");
    EXPECT_THAT(misfit(job, {.inputs = {numbers(0, 1), numbers(0, 1)}, .output = "x"}),
                HasSubstr("has 1 mapper, and the run was given 2 inputs"));
    job.inputs = 2;
    EXPECT_EQ(misfit(job, {.inputs = {numbers(0, 1), numbers(0, 1)}, .output = "x"}), "fits");
}

TEST(job_check, side_data_is_there_when_it_is_needed_only_and_of_its_type) {
    job_shape job;
    EXPECT_THAT(misfit(job, {.output = "x", .side = 5}), HasSubstr("the job takes none"));
    job.side_schema = "i4";
    EXPECT_EQ(misfit(job, {.output = "x", .side = 5}), "fits");
    EXPECT_THAT(misfit(job, {.output = "x"}), HasSubstr("give it as .side = value"));
    EXPECT_THAT(misfit(job, {.output = "x", .side = 5.0}), HasSubstr("of i4, and the run was given f8"));
}

TEST(job_check, an_output_takes_what_the_job_gives) {
    std::map<std::string, int> container;
    EXPECT_EQ(misfit(giving("(s,i4)"), {.output = into(container)}), "fits");
    EXPECT_THAT(misfit(giving("(s,u8)"), {.output = into(container)}),
                HasSubstr("of (s,u8), but the output takes (s,i4)"));
    EXPECT_EQ(misfit(giving("(s,u8)"), {.output = csv_parts("x")}), "fits");
    EXPECT_THAT(misfit(giving(""), {.output = csv_parts("x")}), HasSubstr("writes text of its own"));
    EXPECT_EQ(misfit(giving(""), {.output = "x"}), "fits");
    EXPECT_THAT(misfit(giving("(s,[i4])", false), {.output = "x"}), HasSubstr("no text of their own"));
    EXPECT_EQ(misfit(giving("(s,[i4])", false), {.output = kept()}), "fits");
}

TEST(job_check, a_run_has_an_input_for_each_mapper) {
    EXPECT_THAT(misfit_of(giving(""), {.output = "x"}).value().message, HasSubstr("the run has no input"));
    job_shape job = giving("");
    job.inputs = 2;
    EXPECT_THAT(misfit(job, {.inputs = {numbers(0, 1), input()}, .output = "x"}), HasSubstr("the run has no input"));
}

TEST(job_check, numbers_that_make_no_sense_are_refused) {
    EXPECT_THAT(misfit(giving(""), {.output = "x", .attempts_max = 0}), HasSubstr("attempts_max is 0"));
    EXPECT_THAT(misfit(giving(""), {.output = "x", .stalled_after = std::chrono::milliseconds(-1)}),
                HasSubstr("stalled_after"));
}

TEST(job_check, only_an_output_with_a_name_can_be_resumed) {
    EXPECT_EQ(misfit(giving(""), {.output = "x", .resume = true}), "fits");
    EXPECT_EQ(misfit(giving(""), {.output = single_file("x"), .resume = true}), "fits");
    EXPECT_THAT(misfit(giving("(s,i4)"), {.output = kept(), .resume = true}), HasSubstr("whose output has a name"));
    EXPECT_THAT(misfit(giving("(s,i4)"), {.resume = true}), HasSubstr("whose output has a name"));
}

}  // namespace
}  // namespace sheaf::detail
