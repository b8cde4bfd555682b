// Sets of tasks of the C library, with all of their callbacks, and gearman_execute().
#include <ctime>
#include <list>

#include <gmock/gmock.h>

#include "integration/interop/c_library/c_library.hpp"
#include "support/eventually.hpp"

namespace sheaf::test::c_library {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using events = std::vector<std::string>;

/// Each task's context is a list of what has happened to it.
gearman_return_t note(gearman_task_st* task, const std::string& what) {
    static_cast<events*>(gearman_task_context(task))->push_back(what);
    return GEARMAN_SUCCESS;
}
gearman_return_t note_status(gearman_task_st* task) {
    return note(task, "status " + std::to_string(gearman_task_numerator(task)) + "/" +
                          std::to_string(gearman_task_denominator(task)) +
                          (gearman_task_is_known(task) ? " known" : " unknown"));
}

void set_callbacks(const client& caller) {
    gearman_client_st* const c = caller.get();
    gearman_client_set_created_fn(c, [](gearman_task_st* task) {
        return note(task, gearman_task_job_handle(task)[0] == 'H' ? "created" : "created without a handle");
    });
    gearman_client_set_data_fn(c, [](gearman_task_st* task) { return note(task, "data " + data_of(task)); });
    gearman_client_set_warning_fn(c, [](gearman_task_st* task) { return note(task, "warning " + data_of(task)); });
    gearman_client_set_status_fn(c, note_status);
    gearman_client_set_complete_fn(c, [](gearman_task_st* task) { return note(task, "complete " + data_of(task)); });
    gearman_client_set_exception_fn(c, [](gearman_task_st* task) { return note(task, "exception " + data_of(task)); });
    gearman_client_set_fail_fn(c, [](gearman_task_st* task) { return note(task, "fail"); });
}

gearman_return_t talk(gearman_job_st* job) {
    gearman_job_send_data(job, "one", 3);
    gearman_job_send_warning(job, "careful", 7);
    gearman_job_send_status(job, 1, 4);
    return gearman_job_send_complete(job, "done", 4);
}

using c_tasks = c_library;

TEST_P(c_tasks, every_callback_is_called_in_the_order_of_what_happens) {
    const running_worker working(where(), {{"talk", talk}});
    const client caller = make_client();
    set_callbacks(caller);
    events seen;
    gearman_return_t added = GEARMAN_UNKNOWN_STATE;
    gearman_client_add_task(caller.get(), nullptr, &seen, "talk", nullptr, "x", 1, &added);
    ASSERT_EQ(added, GEARMAN_SUCCESS);
    EXPECT_TRUE(gearman_client_has_tasks(caller.get()));
    EXPECT_EQ(gearman_client_run_tasks(caller.get()), GEARMAN_SUCCESS);
    EXPECT_THAT(seen, ElementsAre("created", "data one", "warning careful", "status 1/4 known", "complete done"));
    EXPECT_FALSE(gearman_client_has_active_tasks(caller.get()));
}

TEST_P(c_tasks, failures_and_exceptions_have_callbacks_of_their_own) {
    const running_worker working(
        where(), {{"fail", [](gearman_job_st*) { return GEARMAN_FAIL; }},
                  {"throw", [](gearman_job_st* job) { return gearman_job_send_exception(job, "wrong", 5); }}});
    const client caller = make_client();
    ASSERT_TRUE(gearman_client_set_server_option(caller.get(), "exceptions", 10));
    set_callbacks(caller);
    events failed, thrown;
    gearman_return_t added = GEARMAN_UNKNOWN_STATE;
    gearman_client_add_task(caller.get(), nullptr, &failed, "fail", nullptr, "x", 1, &added);
    gearman_client_run_tasks(caller.get());
    gearman_client_add_task(caller.get(), nullptr, &thrown, "throw", nullptr, "x", 1, &added);
    gearman_client_run_tasks(caller.get());
    EXPECT_THAT(failed, ElementsAre("created", "fail"));
    EXPECT_THAT(thrown, ElementsAre("created", "exception wrong"));
}

TEST_P(c_tasks, tasks_of_all_priorities_run_together) {
    const running_worker working(where(), {{"reverse", reverse}});
    const client caller = make_client();
    set_callbacks(caller);
    gearman_client_add_options(caller.get(), GEARMAN_CLIENT_FREE_TASKS);
    std::vector<events> seen(300);
    std::list<std::string> payloads;  // which the library reads when it runs the tasks
    for (std::size_t i = 0; i < seen.size(); ++i) {
        const auto add = i % 3 == 0   ? gearman_client_add_task
                         : i % 3 == 1 ? gearman_client_add_task_high
                                      : gearman_client_add_task_low;
        payloads.push_back("<" + std::to_string(i));
        gearman_return_t added = GEARMAN_UNKNOWN_STATE;
        add(caller.get(), nullptr, &seen[i], "reverse", nullptr, payloads.back().data(), payloads.back().size(),
            &added);
        ASSERT_EQ(added, GEARMAN_SUCCESS);
        if (i % 10 == 9) {
            ASSERT_EQ(gearman_client_run_tasks(caller.get()), GEARMAN_SUCCESS);
        }
    }
    for (const events& one : seen) {
        ASSERT_EQ(one.size(), 2U);
        EXPECT_TRUE(one[1].ends_with("<")) << one[1];
    }
    EXPECT_FALSE(gearman_client_has_tasks(caller.get()));
}

TEST_P(c_tasks, background_tasks_end_when_they_are_created_and_run_later) {
    const client caller = make_client();
    set_callbacks(caller);
    for (const auto add : {gearman_client_add_task_background, gearman_client_add_task_high_background,
                           gearman_client_add_task_low_background}) {
        events seen;
        gearman_return_t added = GEARMAN_UNKNOWN_STATE;
        add(caller.get(), nullptr, &seen, "reverse", nullptr, "x", 1, &added);
        ASSERT_EQ(gearman_client_run_tasks(caller.get()), GEARMAN_SUCCESS);
        EXPECT_THAT(seen, ElementsAre("created"));
    }
    EXPECT_EQ(ask("status")[0], "reverse\t3\t0\t0");
    const running_worker working(where(), {{"reverse", reverse}});
    EXPECT_TRUE(eventually([&] { return ask("status")[0] == "reverse\t0\t0\t1"; }));
}

TEST_P(c_tasks, tasks_ask_for_a_status_by_handle_and_by_key) {
    const client caller = make_client();
    gearman_job_handle_t handle;
    ASSERT_EQ(gearman_client_do_background(caller.get(), "f", "key", "x", 1, handle), GEARMAN_SUCCESS);
    set_callbacks(caller);
    events by_handle;
    gearman_return_t added = GEARMAN_UNKNOWN_STATE;
    gearman_client_add_task_status(caller.get(), nullptr, &by_handle, handle, &added);
    ASSERT_EQ(gearman_client_run_tasks(caller.get()), GEARMAN_SUCCESS);
    EXPECT_THAT(by_handle, ElementsAre("status 0/0 known"));
    gearman_client_clear_fn(caller.get());
    gearman_task_st* const by_key = gearman_client_add_task_status_by_unique(caller.get(), nullptr, "key", &added);
    ASSERT_EQ(gearman_client_run_tasks(caller.get()), GEARMAN_SUCCESS);
    EXPECT_TRUE(gearman_task_is_known(by_key));
}

TEST_P(c_tasks, a_callback_may_pause_the_run) {
    const running_worker working(where(), {{"talk", talk}});
    const client caller = make_client();
    set_callbacks(caller);
    gearman_client_set_data_fn(caller.get(), [](gearman_task_st* task) {
        note(task, "data");
        return GEARMAN_PAUSE;
    });
    events seen;
    gearman_return_t added = GEARMAN_UNKNOWN_STATE;
    gearman_client_add_task(caller.get(), nullptr, &seen, "talk", nullptr, "x", 1, &added);
    EXPECT_EQ(gearman_client_run_tasks(caller.get()), GEARMAN_PAUSE);
    EXPECT_THAT(seen, ElementsAre("created", "data"));
}

TEST_P(c_tasks, a_client_that_does_not_block_waits_for_its_sockets_itself) {
    const running_worker working(where(), {{"talk", talk}});
    const client caller = make_client();
    set_callbacks(caller);
    gearman_client_add_options(caller.get(), GEARMAN_CLIENT_NON_BLOCKING);
    EXPECT_TRUE(gearman_client_has_option(caller.get(), GEARMAN_CLIENT_NON_BLOCKING));
    events seen;
    gearman_return_t how = GEARMAN_UNKNOWN_STATE;
    gearman_client_add_task(caller.get(), nullptr, &seen, "talk", nullptr, "x", 1, &how);
    while ((how = gearman_client_run_tasks(caller.get())) == GEARMAN_IO_WAIT) gearman_client_wait(caller.get());
    EXPECT_EQ(how, GEARMAN_SUCCESS);
    EXPECT_EQ(seen.back(), "complete done");
}

TEST_P(c_tasks, execute_gives_a_result_and_takes_hints) {
    const running_worker working(where(), {{"reverse", reverse}});
    const client caller = make_client();
    gearman_argument_t argument = gearman_argument_make(nullptr, 0, "abc", 3);
    gearman_task_attr_t low = gearman_task_attr_init(GEARMAN_JOB_PRIORITY_LOW);
    gearman_task_st* const task = gearman_execute(caller.get(), "reverse", 7, "key", 3, &low, &argument, nullptr);
    ASSERT_NE(task, nullptr);
    ASSERT_EQ(gearman_task_return(task), GEARMAN_SUCCESS);
    EXPECT_STREQ(gearman_task_unique(task), "key");
    const gearman_result_st* const result = gearman_task_result(task);
    EXPECT_EQ(std::string(gearman_result_value(result), gearman_result_size(result)), "cba");
}

TEST_P(c_tasks, execute_leaves_jobs_in_the_background_and_for_a_time) {
    const client caller = make_client();
    gearman_task_attr_t background = gearman_task_attr_init_background(GEARMAN_JOB_PRIORITY_HIGH);
    gearman_task_attr_t far = gearman_task_attr_init_epoch(std::time(nullptr) + 1000, GEARMAN_JOB_PRIORITY_NORMAL);
    gearman_task_attr_t past = gearman_task_attr_init_epoch(std::time(nullptr) - 1, GEARMAN_JOB_PRIORITY_NORMAL);
    for (gearman_task_attr_t* const hint : {&background, &far, &past}) {
        gearman_task_st* const task = gearman_execute(caller.get(), "reverse", 7, nullptr, 0, hint, nullptr, nullptr);
        ASSERT_NE(task, nullptr) << gearman_client_error(caller.get());
        EXPECT_EQ(gearman_task_return(task), GEARMAN_SUCCESS);
    }
    EXPECT_EQ(ask("status")[0], "reverse\t3\t0\t0");
    const running_worker working(where(), {{"reverse", reverse}});
    EXPECT_TRUE(eventually([&] { return ask("status")[0] == "reverse\t1\t0\t1"; }));
}

INSTANTIATE_TEST_SUITE_P(with, c_tasks, ::testing::Values("sheafd", "gearmand"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace sheaf::test::c_library
