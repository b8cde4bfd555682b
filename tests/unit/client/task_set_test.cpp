// A task set's decisions, and what its callbacks are told.
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/task_set_core.hpp"

namespace sheaf::test {
namespace {

using runtime::job_end;
using runtime::task_callbacks;
using runtime::task_event;
using testing::ElementsAre;
using testing::IsEmpty;
using kind = runtime::task_event::kind;

shared_bytes bytes(std::string_view text) { return shared_bytes(text); }

task_event ended(std::size_t task, job_end::kind how, std::string_view data = {}) {
    return {.what = kind::end, .task = task, .end = {how, bytes(data), {}}};
}

/// A set whose jobs are answered by the test. What was submitted and cancelled, and what callbacks were told, are words.
struct scripted_set : runtime::task_sink {
    explicit scripted_set(std::size_t window = 0) : core(window, *this) {}

    void submit(std::size_t task, runtime::job_request request) override {
        done.push_back("submit " + std::to_string(task) + " " + request.function);
    }
    void cancel(std::size_t task) override { done.push_back("cancel " + std::to_string(task)); }

    std::size_t add(task_callbacks tell = {}) { return core.add({.function = "f"}, std::move(tell)); }
    task_callbacks all() {
        return {.on_created = [this](std::string_view handle) { told.push_back("created " + std::string(handle)); },
                .on_data = [this](const shared_bytes& data) { tell("data", data); },
                .on_warning = [this](const shared_bytes& data) { tell("warning", data); },
                .on_status =
                    [this](std::uint64_t n, std::uint64_t d) {
                        told.push_back("status " + std::to_string(n) + "/" + std::to_string(d));
                    },
                .on_retry = [this](std::uint32_t n, const job_end&) { told.push_back("retry " + std::to_string(n)); },
                .on_complete = [this](const shared_bytes& data) { tell("complete", data); },
                .on_exception = [this](const shared_bytes& data) { tell("exception", data); },
                .on_fail = [this](const job_end& how) { told.push_back("fail " + how.why.message); }};
    }
    void tell(const std::string& what, const shared_bytes& data) {
        told.push_back(what + " " + std::string(data.view()));
    }

    std::vector<std::string> done;
    std::vector<std::string> told;
    runtime::task_set_core core;
};

TEST(task_set, callbacks_are_told_everything_in_order) {
    scripted_set set;
    set.add(set.all());
    set.core.apply({.what = kind::created, .handle = "H:1"});
    set.core.apply({.what = kind::data, .data = bytes("half")});
    set.core.apply({.what = kind::retry, .retry = 1, .end = {job_end::kind::failed, {}, {}}});
    set.core.apply({.what = kind::created, .handle = "H:2"});
    set.core.apply({.what = kind::warning, .data = bytes("careful")});
    set.core.apply({.what = kind::status, .numerator = 3, .denominator = 4});
    set.core.apply(ended(0, job_end::kind::complete, "out"));
    EXPECT_THAT(set.told, ElementsAre("created H:1", "data half", "retry 1", "created H:2", "warning careful",
                                      "status 3/4", "complete out"));
    EXPECT_EQ(set.core[0].handle, "H:2");
    EXPECT_EQ(set.core[0].numerator, 3U);
    EXPECT_EQ(set.core[0].retries, 1U);
    EXPECT_TRUE(set.core.all_complete());
}

TEST(task_set, an_exception_is_a_failure_for_those_who_do_not_ask_for_exceptions) {
    scripted_set set;
    set.add(set.all());
    auto deaf = set.all();
    deaf.on_exception = nullptr;
    set.add(deaf);
    set.core.apply(ended(0, job_end::kind::exception, "boom"));
    set.core.apply(ended(1, job_end::kind::exception, "boom"));
    EXPECT_THAT(set.told, ElementsAre("exception boom", "fail "));
    EXPECT_FALSE(set.core.all_complete());
    EXPECT_EQ(set.core[1].end.data.view(), "boom");
}

TEST(task_set, pieces_that_nobody_takes_are_kept_of_the_last_try) {
    scripted_set set;
    set.add();
    set.core.apply({.what = kind::data, .data = bytes("lost")});
    set.core.apply({.what = kind::retry, .retry = 1, .end = {job_end::kind::failed, {}, {}}});
    for (const char* piece : {"a", "b"}) set.core.apply({.what = kind::data, .data = bytes(piece)});
    ASSERT_EQ(set.core[0].data.size(), 2U);
    EXPECT_EQ(set.core[0].data[1].view(), "b");
}

TEST(task_set, no_more_jobs_are_out_than_the_window_allows) {
    scripted_set set(2);
    for (int i = 0; i < 4; ++i) set.add();
    EXPECT_THAT(set.done, ElementsAre("submit 0 f", "submit 1 f"));
    set.core.apply(ended(1, job_end::kind::failed));
    EXPECT_THAT(set.done, ElementsAre("submit 0 f", "submit 1 f", "submit 2 f"));
    EXPECT_EQ(set.core.open(), 3U);
}

TEST(task_set, callbacks_may_add_jobs) {
    scripted_set set(1);
    set.add({.on_complete = [&](const shared_bytes&) { set.add(); }});
    set.core.apply(ended(0, job_end::kind::complete));
    EXPECT_THAT(set.done, ElementsAre("submit 0 f", "submit 1 f"));
    EXPECT_EQ(set.core.open(), 1U);
}

TEST(task_set, a_callback_that_throws_has_been_called_and_keeps_no_job_from_being_submitted) {
    scripted_set set(1);
    set.add({.on_complete = [](const shared_bytes&) { throw std::runtime_error("no"); }});
    set.add();
    EXPECT_THROW(set.core.apply(ended(0, job_end::kind::complete)), std::runtime_error);
    EXPECT_TRUE(set.core[0].has_ended);
    EXPECT_THAT(set.done, ElementsAre("submit 0 f", "submit 1 f"));
}

TEST(task_set, what_is_given_up_ends_once_and_what_was_never_submitted_is_not_cancelled) {
    scripted_set set(1);
    for (int i = 0; i < 3; ++i) set.add(set.all());
    set.core.apply(ended(0, job_end::kind::complete, "out"));
    set.done.clear();
    set.told.clear();
    set.core.end_all({errc::timeout, "late"});
    EXPECT_THAT(set.done, ElementsAre("cancel 1"));
    EXPECT_THAT(set.told, ElementsAre("fail late", "fail late"));
    set.core.apply(ended(1, job_end::kind::not_run));
    EXPECT_EQ(set.told.size(), 2U);
    EXPECT_EQ(set.core.open(), 0U);
    EXPECT_EQ(set.core[2].end.why.code, errc::timeout);
    set.add();
    EXPECT_THAT(set.done, ElementsAre("cancel 1", "submit 3 f"));
}

TEST(task_set, all_jobs_are_given_up_although_a_callback_throws) {
    scripted_set set;
    set.add({.on_fail = [](const job_end&) { throw std::runtime_error("no"); }});
    set.add(set.all());
    EXPECT_THROW(set.core.end_all({errc::cancelled, "over"}), std::runtime_error);
    EXPECT_THAT(set.told, ElementsAre("fail over"));
    EXPECT_EQ(set.core.open(), 0U);
}

}  // namespace
}  // namespace sheaf::test
