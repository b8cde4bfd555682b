// Calls of the C library that wait for one job, or ask about one.
#include <gmock/gmock.h>

#include "integration/interop/c_library/c_library.hpp"
#include "support/eventually.hpp"

namespace sheaf::test::c_library {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

using c_client = c_library;

TEST_P(c_client, a_job_of_each_priority_returns_its_result) {
    const running_worker working(where(), {{"reverse", reverse}});
    const client caller = make_client();
    for (do_call* const how : {&gearman_client_do, &gearman_client_do_high, &gearman_client_do_low}) {
        const called done = call(how, caller, "reverse", "hello");
        EXPECT_EQ(done.how, GEARMAN_SUCCESS);
        EXPECT_EQ(done.result, "olleh");
    }
}

TEST_P(c_client, an_empty_and_a_large_binary_payload_come_back) {
    const running_worker working(where(), {{"reverse", reverse}});
    const client caller = make_client();
    EXPECT_EQ(call(gearman_client_do, caller, "reverse", "").how, GEARMAN_SUCCESS);
    std::string large(1 << 20, '\0');
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * i >> 3);
    EXPECT_TRUE(call(gearman_client_do, caller, "reverse", large).result == std::string(large.rbegin(), large.rend()));
}

TEST_P(c_client, a_failure_and_an_exception_end_a_call) {
    const running_worker working(
        where(), {{"fail", [](gearman_job_st*) { return GEARMAN_FAIL; }},
                  {"throw", [](gearman_job_st* job) { return gearman_job_send_exception(job, "wrong", 5); }}});
    const client caller = make_client();
    EXPECT_EQ(call(gearman_client_do, caller, "fail", "x").how, GEARMAN_WORK_FAIL);
    ASSERT_TRUE(gearman_client_set_server_option(caller.get(), "exceptions", 10));
    EXPECT_EQ(call(gearman_client_do, caller, "throw", "x").how, GEARMAN_WORK_EXCEPTION);
}

TEST_P(c_client, background_jobs_of_each_priority_have_a_status_until_they_have_run) {
    const client caller = make_client();
    using background_call =
        gearman_return_t(gearman_client_st*, const char*, const char*, const void*, std::size_t, char*);
    std::vector<std::string> handles;
    for (background_call* const how :
         {&gearman_client_do_background, &gearman_client_do_high_background, &gearman_client_do_low_background}) {
        gearman_job_handle_t handle;
        ASSERT_EQ(how(caller.get(), "reverse", nullptr, "x", 1, handle), GEARMAN_SUCCESS);
        handles.emplace_back(handle);
        bool known = false, running = true;
        std::uint32_t numerator = 7, denominator = 7;
        ASSERT_EQ(gearman_client_job_status(caller.get(), handle, &known, &running, &numerator, &denominator),
                  GEARMAN_SUCCESS);
        EXPECT_TRUE(known);
        EXPECT_FALSE(running);
    }
    const running_worker working(where(), {{"reverse", reverse}});
    for (const std::string& handle : handles) {
        EXPECT_TRUE(eventually([&] {
            bool known = true;
            gearman_client_job_status(caller.get(), handle.c_str(), &known, nullptr, nullptr, nullptr);
            return !known;
        })) << handle;
    }
}

TEST_P(c_client, a_job_is_found_by_its_unique_key) {
    const client caller = make_client();
    gearman_job_handle_t handle;
    ASSERT_EQ(gearman_client_do_background(caller.get(), "f", "key", "x", 1, handle), GEARMAN_SUCCESS);
    const gearman_status_t found = gearman_client_unique_status(caller.get(), "key", 3);
    EXPECT_EQ(gearman_status_return(found), GEARMAN_SUCCESS);
    EXPECT_TRUE(gearman_status_is_known(found));
    EXPECT_FALSE(gearman_status_is_running(found));
    EXPECT_FALSE(gearman_status_is_known(gearman_client_unique_status(caller.get(), "none", 4)));
}

TEST_P(c_client, equal_keys_are_one_job) {
    const client caller = make_client();
    gearman_job_handle_t first, second, other;
    ASSERT_EQ(gearman_client_do_background(caller.get(), "f", "key", "x", 1, first), GEARMAN_SUCCESS);
    ASSERT_EQ(gearman_client_do_background(caller.get(), "f", "key", "y", 1, second), GEARMAN_SUCCESS);
    ASSERT_EQ(gearman_client_do_background(caller.get(), "f", "another", "y", 1, other), GEARMAN_SUCCESS);
    EXPECT_STREQ(first, second);
    EXPECT_STRNE(first, other);
}

TEST_P(c_client, echo_comes_back) {
    const client caller = make_client();
    EXPECT_EQ(gearman_client_echo(caller.get(), "hello", 5), GEARMAN_SUCCESS);
    const worker working = make_worker();
    EXPECT_EQ(gearman_worker_echo(working.get(), "hello", 5), GEARMAN_SUCCESS);
}

TEST_P(c_client, a_namespace_is_shared_by_clients_and_workers) {
    const running_worker working(where(), {{"reverse", reverse}}, "ours.");
    const client caller = make_client();
    gearman_client_set_namespace(caller.get(), "ours.", 5);
    EXPECT_EQ(call(gearman_client_do, caller, "reverse", "abc").result, "cba");
    EXPECT_THAT(ask("status"), Contains("ours.reverse\t0\t0\t1"));
}

TEST_P(c_client, an_unknown_option_is_refused) {
    const client caller = make_client();
    EXPECT_FALSE(gearman_client_set_server_option(caller.get(), "nonsense", 8));
    EXPECT_TRUE(gearman_client_set_server_option(caller.get(), "exceptions", 10));
}

TEST_P(c_client, an_identifier_is_shown_among_the_workers) {
    const client caller = make_client();
    ASSERT_EQ(gearman_client_set_identifier(caller.get(), "somebody", 8), GEARMAN_SUCCESS);
    ASSERT_EQ(gearman_client_echo(caller.get(), "x", 1), GEARMAN_SUCCESS);
    EXPECT_THAT(ask("workers"), Contains(HasSubstr("somebody")));
}

TEST_P(c_client, a_call_that_nobody_serves_ends_with_its_time_out) {
    const client caller = make_client();
    gearman_client_set_timeout(caller.get(), 50);
    EXPECT_EQ(call(gearman_client_do, caller, "nobody", "x").how, GEARMAN_TIMEOUT);
}

TEST_P(c_client, a_full_queue_is_an_error_of_the_server) {
    (void)ask("create function f");
    ASSERT_EQ(ask("maxqueue f 1")[0], "OK\r");
    const client caller = make_client();
    gearman_job_handle_t handle;
    EXPECT_EQ(gearman_client_do_background(caller.get(), "f", nullptr, "x", 1, handle), GEARMAN_SUCCESS);
    EXPECT_EQ(gearman_client_do_background(caller.get(), "f", nullptr, "x", 1, handle), GEARMAN_QUEUE_ERROR);
}

TEST_P(c_client, another_server_is_asked_when_one_is_not_there) {
    const running_worker working(where(), {{"reverse", reverse}});
    const client caller(gearman_client_create(nullptr));
    const std::string servers = "127.0.0.1:1," + to_string(where());
    ASSERT_EQ(gearman_client_add_servers(caller.get(), servers.c_str()), GEARMAN_SUCCESS);
    EXPECT_EQ(call(gearman_client_do, caller, "reverse", "abc").result, "cba");
    gearman_client_remove_servers(caller.get());
    EXPECT_EQ(call(gearman_client_do, caller, "reverse", "abc").how, GEARMAN_NO_SERVERS);
}

TEST_P(c_client, a_clone_has_the_same_servers) {
    const running_worker working(where(), {{"reverse", reverse}});
    const client caller = make_client();
    const client clone(gearman_client_clone(nullptr, caller.get()));
    EXPECT_EQ(call(gearman_client_do, clone, "reverse", "abc").result, "cba");
}

INSTANTIATE_TEST_SUITE_P(with, c_client, ::testing::Values("sheafd", "gearmand"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace sheaf::test::c_library
