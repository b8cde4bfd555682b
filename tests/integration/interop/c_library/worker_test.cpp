// Workers of the C library: jobs grabbed and answered by hand, what functions may return, and functions that split jobs.
#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstring>

#include <gmock/gmock.h>

#include "integration/interop/c_library/c_library.hpp"

namespace sheaf::test::c_library {
namespace {

using protocol::packet_type;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

/// Frees the job, too.
struct ends_job {
    void operator()(gearman_job_st* job) const { gearman_job_free(job); }
};
using grabbed_job = std::unique_ptr<gearman_job_st, ends_job>;

grabbed_job grab(const worker& by) {
    gearman_return_t how = GEARMAN_UNKNOWN_STATE;
    grabbed_job grabbed(gearman_worker_grab_job(by.get(), nullptr, &how));
    EXPECT_EQ(how, GEARMAN_SUCCESS) << gearman_worker_error(by.get());
    return grabbed;
}

/// Sends each letter of a job to the function that the client has named.
gearman_return_t split(gearman_job_st* job, void* /*context*/) {
    const std::string letters = payload_of(job);
    for (const char& letter : letters) gearman_job_send_data(job, &letter, 1);
    return GEARMAN_SUCCESS;
}

class c_worker : public c_library {
  protected:
    /// A client on a socket of its own, whose job waits for a worker.
    [[nodiscard]] raw_peer with_job(const std::string& payload = "data") const {
        raw_peer peer(where());
        peer.send<packet_type::option_req>("exceptions");
        peer.send<packet_type::submit_job>("f", "key", payload);
        (void)peer.expect(packet_type::option_res);
        (void)peer.expect(packet_type::job_created);
        return peer;
    }
};

TEST_P(c_worker, a_job_is_grabbed_and_answered_by_hand) {
    raw_peer peer = with_job();
    const worker working = make_worker();
    ASSERT_EQ(gearman_worker_register(working.get(), "f", 0), GEARMAN_SUCCESS);
    const grabbed_job mine = grab(working);
    ASSERT_NE(mine, nullptr);
    EXPECT_STREQ(gearman_job_function_name(mine.get()), "f");
    EXPECT_STREQ(gearman_job_unique(mine.get()), "key");
    EXPECT_EQ(gearman_job_handle(mine.get())[0], 'H');
    EXPECT_EQ(payload_of(mine.get()), "data");
    EXPECT_EQ(gearman_job_send_data(mine.get(), "piece", 5), GEARMAN_SUCCESS);
    EXPECT_EQ(gearman_job_send_warning(mine.get(), "careful", 7), GEARMAN_SUCCESS);
    EXPECT_EQ(gearman_job_send_status(mine.get(), 2, 3), GEARMAN_SUCCESS);
    EXPECT_EQ(gearman_job_send_complete(mine.get(), "done", 4), GEARMAN_SUCCESS);
    EXPECT_EQ(peer.expect(packet_type::work_data).data, "piece");
    EXPECT_EQ(peer.expect(packet_type::work_warning).data, "careful");
    EXPECT_THAT(peer.expect(packet_type::work_status).arguments, ElementsAre(gearman_job_handle(mine.get()), "2", "3"));
    EXPECT_EQ(peer.expect(packet_type::work_complete).data, "done");
}

TEST_P(c_worker, a_job_is_failed_and_another_ended_by_an_exception) {
    raw_peer failed = with_job();
    const worker working = make_worker();
    ASSERT_EQ(gearman_worker_register(working.get(), "f", 5000), GEARMAN_SUCCESS);
    EXPECT_EQ(gearman_job_send_fail(grab(working).get()), GEARMAN_SUCCESS);
    (void)failed.expect(packet_type::work_fail);
    raw_peer thrown = with_job();
    EXPECT_EQ(gearman_job_send_exception(grab(working).get(), "wrong", 5), GEARMAN_SUCCESS);
    EXPECT_EQ(thrown.expect(packet_type::work_exception).data, "wrong");
}

TEST_P(c_worker, the_payload_may_be_taken) {
    const raw_peer peer = with_job("mine now");
    const worker working = make_worker();
    gearman_worker_register(working.get(), "f", 0);
    const grabbed_job mine = grab(working);
    std::size_t size = 0;
    void* const taken = gearman_job_take_workload(mine.get(), &size);
    EXPECT_EQ(take(taken, size), "mine now");
}

TEST_P(c_worker, functions_come_and_go) {
    const worker working = make_worker();
    gearman_worker_register(working.get(), "f", 0);
    gearman_worker_register(working.get(), "g", 0);
    // What it can do is told with the next grab, and known when an echo has come back.
    const auto settle = [&] {
        gearman_return_t how = GEARMAN_SUCCESS;
        EXPECT_EQ(gearman_worker_grab_job(working.get(), nullptr, &how), nullptr);
        EXPECT_EQ(how, GEARMAN_NO_JOBS);
        EXPECT_EQ(gearman_worker_echo(working.get(), "x", 1), GEARMAN_SUCCESS);
    };
    settle();
    EXPECT_TRUE(gearman_worker_function_exist(working.get(), "f", 1));
    EXPECT_THAT(ask("status"), Contains("f\t0\t0\t1"));
    ASSERT_EQ(gearman_worker_unregister(working.get(), "f"), GEARMAN_SUCCESS);
    settle();
    EXPECT_FALSE(gearman_worker_function_exist(working.get(), "f", 1));
    EXPECT_THAT(ask("status"), Not(Contains("f\t0\t0\t1")));
    EXPECT_THAT(ask("status"), Contains("g\t0\t0\t1"));
    ASSERT_EQ(gearman_worker_unregister_all(working.get()), GEARMAN_SUCCESS);
    gearman_worker_register(working.get(), "h", 0);  // without a function it would not grab
    settle();
    EXPECT_THAT(ask("status"), Not(Contains("g\t0\t0\t1")));
}

TEST_P(c_worker, waiting_for_jobs_ends_with_a_time_out_or_at_once_when_it_must_not_block) {
    const worker working = make_worker();
    gearman_worker_define_function(working.get(), "f", 1, gearman_function_create(split), 0, nullptr);
    gearman_worker_set_timeout(working.get(), 50);
    EXPECT_EQ(gearman_worker_work(working.get()), GEARMAN_TIMEOUT);
    gearman_worker_add_options(working.get(), GEARMAN_WORKER_NON_BLOCKING);
    EXPECT_THAT(gearman_worker_work(working.get()), ::testing::AnyOf(GEARMAN_IO_WAIT, GEARMAN_NO_JOBS));
}

TEST_P(c_worker, a_function_that_returns_an_error_is_given_the_job_again) {
    std::atomic<int> attempts = 0;
    const running_worker working(where(), {{"third", [&](gearman_job_st* job) {
                                                if (++attempts < 3) return GEARMAN_ERROR;
                                                return gearman_job_send_complete(job, "at last", 7);
                                            }}});
    const client caller = make_client();
    EXPECT_EQ(call(gearman_client_do, caller, "third", "x").result, "at last");
    EXPECT_EQ(attempts, 3);
}

TEST_P(c_worker, a_function_of_the_first_kind_returns_its_result) {
    const worker working = make_worker();
    const auto shout = [](gearman_job_st*, void* context, std::size_t* size, gearman_return_t* how) -> void* {
        *size = 3;
        *how = GEARMAN_SUCCESS;
        return ::strdup(static_cast<const char*>(context));
    };
    char text[] = "HEY";
    ASSERT_EQ(gearman_worker_add_function(working.get(), "f", 0, shout, text), GEARMAN_SUCCESS);
    raw_peer peer = with_job();
    EXPECT_EQ(gearman_worker_work(working.get()), GEARMAN_SUCCESS);
    EXPECT_EQ(peer.expect(packet_type::work_complete).data, "HEY");
}

TEST_P(c_worker, a_clone_serves_and_has_the_same_servers) {
    const worker working = make_worker();
    const worker clone(gearman_worker_clone(nullptr, working.get()));
    gearman_worker_register(clone.get(), "f", 0);
    raw_peer peer = with_job();
    gearman_job_send_complete(grab(clone).get(), "cloned", 6);
    EXPECT_EQ(peer.expect(packet_type::work_complete).data, "cloned");
}

TEST_P(c_worker, an_identifier_is_shown_among_the_workers) {
    const worker working = make_worker();
    ASSERT_EQ(gearman_worker_set_identifier(working.get(), "digger", 6), GEARMAN_SUCCESS);
    gearman_worker_register(working.get(), "f", 0);
    const raw_peer peer = with_job();
    const grabbed_job mine = grab(working);
    EXPECT_THAT(ask("workers"), Contains(::testing::EndsWith(" digger : f")));
}

gearman_return_t join(gearman_aggregator_st*, gearman_task_st* tasks, gearman_result_st* result) {
    std::string joined;
    for (gearman_task_st* task = tasks; task != nullptr; task = gearman_next(task)) {
        const gearman_result_st* const one = gearman_task_result(task);
        joined.append(gearman_result_value(one), gearman_result_size(one));
    }
    std::sort(joined.begin(), joined.end());
    return gearman_result_store_value(result, joined.data(), joined.size());
}

TEST_P(c_worker, a_job_is_split_and_its_results_are_joined) {
    const running_worker mapper(where(), {{"upper", [](gearman_job_st* job) {
                                               const char big = static_cast<char>(std::toupper(payload_of(job).at(0)));
                                               return gearman_job_send_complete(job, &big, 1);
                                           }}});
    const worker splitter = make_worker();
    ASSERT_EQ(gearman_worker_define_function(splitter.get(), "split", 5, gearman_function_create_partition(split, join),
                                             0, nullptr),
              GEARMAN_SUCCESS);
    std::thread splitting([&] { EXPECT_EQ(gearman_worker_work(splitter.get()), GEARMAN_SUCCESS); });
    const client caller = make_client();
    gearman_argument_t argument = gearman_argument_make(nullptr, 0, "cab", 3);
    gearman_task_st* const task =
        gearman_execute_by_partition(caller.get(), "split", 5, "upper", 5, nullptr, 0, nullptr, &argument, nullptr);
    splitting.join();
    ASSERT_NE(task, nullptr) << gearman_client_error(caller.get());
    ASSERT_EQ(gearman_task_return(task), GEARMAN_SUCCESS);
    const gearman_result_st* const result = gearman_task_result(task);
    EXPECT_EQ(std::string(gearman_result_value(result), gearman_result_size(result)), "ABC");
}

INSTANTIATE_TEST_SUITE_P(with, c_worker, ::testing::Values("sheafd", "gearmand"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace sheaf::test::c_library
