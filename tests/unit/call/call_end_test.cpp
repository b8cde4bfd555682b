#include "call/call_end.hpp"

#include <string>

#include <gtest/gtest.h>

#include <sheaf/detail/envelope.hpp>

namespace {

using namespace std::chrono_literals;
using namespace sheaf::detail;
using sheaf::errc;
using sheaf::failure;
using sheaf::shared_bytes;
using sheaf::runtime::job_end;

call_plan some_terms() {
    call_plan plan;
    plan.task = "fs.stats";
    plan.schema = "fs.stats(s)->u8";
    return plan;
}

failure read_failed(job_end end, const call_plan& of = some_terms()) {
    auto outcome = read_end(std::move(end), of);
    EXPECT_FALSE(outcome.has_value());
    return outcome ? failure{} : std::move(outcome).error();
}

job_end exception(const shared_bytes& data) { return {.how = job_end::kind::exception, .data = data, .why = {}}; }
job_end not_run(errc code) { return {.how = job_end::kind::not_run, .data = {}, .why = {code, "why"}}; }

TEST(call_end, an_answer_is_taken_out_of_its_envelope) {
    const auto outcome =
        read_end({.how = job_end::kind::complete, .data = write_answer("result"), .why = {}}, some_terms());
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->view(), "result");
}

TEST(call_end, an_answer_without_an_envelope_is_malformed_unless_the_task_is_raw) {
    const job_end end{.how = job_end::kind::complete, .data = shared_bytes("plain"), .why = {}};
    EXPECT_EQ(read_failed(end).code, errc::malformed);
    call_plan raw = some_terms();
    raw.form = wire_form::raw;
    EXPECT_EQ(read_end(end, raw)->view(), "plain");
}

TEST(call_end, a_report_is_the_failure_it_holds) {
    const failure why = read_failed(
        exception(write_failure({.code = errc::worker_lost, .message = "killed", .attempt = 2, .signal = 9})));
    EXPECT_EQ(why.code, errc::worker_lost);
    EXPECT_EQ(why.message, "killed");
    EXPECT_EQ(why.signal, 9);
    EXPECT_EQ(why.task, "fs.stats");
}

TEST(call_end, a_foreign_workers_exception_is_its_text) {
    call_plan raw = some_terms();
    raw.form = wire_form::raw;
    for (const call_plan& of : {some_terms(), raw}) {
        const failure why = read_failed(exception(shared_bytes("it broke")), of);
        EXPECT_EQ(why.code, errc::remote_exception);
        EXPECT_EQ(why.message, "it broke");
    }
}

TEST(call_end, a_schema_mismatch_shows_both_sides_and_the_first_difference) {
    const failure why =
        read_failed(exception(write_failure({.code = errc::schema_mismatch, .message = "fs.stats(s)->u4"})));
    EXPECT_EQ(why.message,
              "client and worker were built with different types for it\n"
              "  client: fs.stats(s)->u8\n"
              "  worker: fs.stats(s)->u4\n"
              "  first difference: result: u8 here, u4 there\n"
              "  build both from the same declaration of the task, and restart the workers");
}

TEST(call_end, a_workers_timeout_is_that_of_the_attempt) {
    const failure why = read_failed(exception(write_failure({.code = errc::timeout, .message = "too slow"})));
    EXPECT_EQ(why.clock, sheaf::call_clock::attempt);
}

TEST(call_end, other_ends_keep_their_code) {
    EXPECT_EQ(read_failed(not_run(errc::connection_failed)).code, errc::connection_failed);
    EXPECT_EQ(read_failed(not_run(errc::cancelled)).message, "why");
    EXPECT_EQ(read_failed({.how = job_end::kind::failed, .data = {}, .why = {}}).code, errc::job_failed);
}

}  // namespace
