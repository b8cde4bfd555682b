// What callers hear of handlers that go wrong, on our job server and on the stock one.
#include <memory>
#include <signal.h>

#include <gmock/gmock.h>

#include "integration/cluster/faults_tasks.hpp"
#include "integration/cluster/gearmand_process.hpp"
#include "integration/cluster/worker_program.hpp"
#include "support/sheafd_process.hpp"
#include <sheaf/cluster.hpp>

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

enum class brand { sheafd, gearmand };

class faults : public ::testing::TestWithParam<brand> {
  protected:
    faults() {
        if (GetParam() == brand::sheafd) {
            sheafd_ = std::make_unique<sheafd_process>();
        } else {
            gearmand_ = std::make_unique<gearmand_process>();
        }
        server_ = to_string(sheafd_ ? sheafd_->where() : gearmand_->where());
        workers_ = std::make_unique<worker_program>(server_, "tests/faults");
        calls_ = std::make_unique<cluster>(cluster::connect(server_));
    }

    // The failure of a call, which is expected to fail.
    template <class Call>
    failure fail(const Call& call, call_options how = {}) {
        how.deadline = patience;
        auto outcome = calls_->try_call(call, how);
        EXPECT_FALSE(outcome) << "the call should have failed";
        return outcome ? failure{} : outcome.error();
    }
    void expect_service() { EXPECT_EQ(calls_->call(square(12), {.deadline = patience}), 144); }

    std::unique_ptr<sheafd_process> sheafd_;
    std::unique_ptr<gearmand_process> gearmand_;
    std::string server_;
    std::unique_ptr<worker_program> workers_;
    std::unique_ptr<cluster> calls_;
};

INSTANTIATE_TEST_SUITE_P(on, faults, ::testing::Values(brand::sheafd, brand::gearmand),
                         [](const auto& one) { return one.param == brand::sheafd ? "sheafd" : "gearmand"; });

TEST_P(faults, a_declared_exception_arrives_as_itself) {
    try {
        calls_->call(refuse(17), {.deadline = patience});
        ADD_FAILURE() << "nothing was thrown";
    } catch (const not_today& error) {
        EXPECT_STREQ(error.what(), "not today");
        EXPECT_EQ(error.until_day, 17);
    }
    expect_service();
}

TEST_P(faults, another_exception_is_a_remote_error_that_says_where_and_why) {
    const failure why = fail(nest());
    EXPECT_EQ(why.code, errc::remote_exception);
    EXPECT_EQ(why.message, "the outer reason");
    EXPECT_THAT(why.causes, Contains(HasSubstr("the inner reason")));
    EXPECT_EQ(why.task, "faults.nest");
    EXPECT_EQ(why.attempt, 1U);
    EXPECT_THAT(why.worker, HasSubstr("/"));
    EXPECT_THROW(calls_->call(nest()), remote_error);
    expect_service();
}

TEST_P(faults, a_handler_that_dies_is_a_lost_worker_with_its_signal) {
    const failure why = fail(crash(1));
    EXPECT_EQ(why.code, errc::worker_lost);
    EXPECT_EQ(why.signal, SIGSEGV);
    EXPECT_EQ(why.attempt, 1U);
    EXPECT_EQ(why.task, "faults.crash");
    EXPECT_THAT(why.message, HasSubstr("Segmentation fault"));
    EXPECT_THAT(why.last_lines, ElementsAre("attempt 1 crashes"));
    expect_service();
}

TEST_P(faults, a_call_with_attempts_left_is_tried_again_after_its_worker_died) {
    EXPECT_EQ(calls_->call(crash(2), {.deadline = patience, .retry = sheaf::retry{3}}), 3U);
    const failure why = fail(crash(3), {.retry = sheaf::retry{2}});
    EXPECT_EQ(why.code, errc::worker_lost);
    EXPECT_EQ(why.attempt, 2U);
}

TEST_P(faults, a_handler_that_never_returns_is_a_time_out_of_its_attempt) {
    const failure why = fail(hang(), {.attempt_timeout = 50ms});
    EXPECT_EQ(why.code, errc::timeout);
    EXPECT_THAT(why.message, HasSubstr("attempt time-out of 50 ms"));
    EXPECT_EQ(why.task, "faults.hang");
    EXPECT_EQ(why.attempt, 1U);
    EXPECT_THAT(why.worker, HasSubstr("/"));
    expect_service();
}

TEST_P(faults, handlers_that_never_return_do_not_use_up_the_workers) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(fail(hang(), {.attempt_timeout = 10ms}).code, errc::timeout);
    expect_service();
}

TEST_P(faults, a_call_that_nobody_answers_is_a_time_out_of_its_deadline) {
    constexpr task<"faults.nobody", void()> nobody{};
    const auto outcome = calls_->try_call(nobody(), {.deadline = 50ms});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::timeout);
    EXPECT_THAT(outcome.error().message, HasSubstr("deadline, 50 ms"));
}

struct renamed_shape {
    double sides = 0;
    std::string name;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(sides), CEREAL_NVP(name));
    }
};

TEST_P(faults, other_types_for_a_task_are_an_error_that_shows_both_and_where_they_differ) {
    constexpr task<"faults.draw", std::string(std::vector<renamed_shape>)> other_draw{};
    const failure why = fail(other_draw(std::vector<renamed_shape>{{}}));
    EXPECT_EQ(why.code, errc::schema_mismatch);
    EXPECT_THAT(why.message, HasSubstr("client: " + schema<std::remove_const_t<decltype(other_draw)>>().text));
    EXPECT_THAT(why.message, HasSubstr("worker: " + schema<std::remove_const_t<decltype(draw)>>().text));
    EXPECT_THAT(why.message, HasSubstr("first difference"));
    EXPECT_EQ(calls_->call(draw(std::vector<shape>(2)), {.deadline = patience}), "2 shapes");
}

TEST_P(faults, a_worker_that_is_killed_is_replaced) {
    for (const pid_t worker : children_of(workers_->child().pid())) {
        const other_process watched(worker);
        ::kill(worker, SIGKILL);
        EXPECT_TRUE(watched.ends(patience));
    }
    expect_service();
}

TEST_P(faults, programs_that_a_handler_starts_are_no_workers) {
    EXPECT_EQ(calls_->call(show_environment(), {.deadline = patience}), "none none\n");
}

}  // namespace
}  // namespace sheaf::test
