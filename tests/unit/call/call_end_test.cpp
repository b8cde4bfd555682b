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

call_terms some_terms(unsigned attempts = 1) {
    return {.task = "fs.stats",
            .schema = "fs.stats(s)->u8",
            .form = wire_form::enveloped,
            .attempts = attempts,
            .deadline = 1500ms};
}

failure read_failed(job_end end, const call_terms& of = some_terms()) {
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
    call_terms raw = some_terms();
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
    call_terms raw = some_terms();
    raw.form = wire_form::raw;
    for (const call_terms& of : {some_terms(), raw}) {
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

TEST(call_end, a_timeout_says_that_it_was_the_deadline_and_how_long) {
    const failure why = read_failed(not_run(errc::timeout));
    EXPECT_EQ(why.code, errc::timeout);
    EXPECT_NE(why.message.find("the call's deadline, 1500 ms after"), std::string::npos) << why.message;
}

TEST(call_end, other_ends_keep_their_code) {
    EXPECT_EQ(read_failed(not_run(errc::connection_failed)).code, errc::connection_failed);
    EXPECT_EQ(read_failed(not_run(errc::cancelled)).message, "why");
    EXPECT_EQ(read_failed({.how = job_end::kind::failed, .data = {}, .why = {}}).code, errc::job_failed);
}

TEST(call_end, a_lost_worker_or_connection_may_be_tried_again_until_the_attempts_are_used_up) {
    unsigned tried = 0;
    EXPECT_TRUE(may_try_again({.code = errc::connection_lost}, some_terms(3), tried));
    EXPECT_TRUE(may_try_again({.code = errc::worker_lost, .attempt = 1}, some_terms(3), tried));
    EXPECT_FALSE(may_try_again({.code = errc::connection_lost}, some_terms(3), tried));
}

TEST(call_end, attempts_that_the_workers_made_themselves_count) {
    unsigned tried = 0;
    EXPECT_FALSE(may_try_again({.code = errc::worker_lost, .attempt = 3}, some_terms(3), tried));
}

TEST(call_end, nothing_else_is_tried_again) {
    for (const errc code : {errc::timeout, errc::cancelled, errc::remote_exception, errc::job_failed, errc::malformed,
                            errc::schema_mismatch, errc::connection_failed, errc::shutting_down}) {
        unsigned tried = 0;
        EXPECT_FALSE(may_try_again({.code = code}, some_terms(3), tried)) << to_string(code);
    }
}

}  // namespace
