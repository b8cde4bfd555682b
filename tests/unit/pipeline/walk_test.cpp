// Visits of detached runs: what of a plan is walked at once, and what its orders say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "paper_server.hpp"
#include <sheaf/detail/detached_plan.hpp>

namespace {

using namespace paper;
using testing::HasSubstr;

TEST(a_detached_run, of_one_stage_ends_with_its_result) {
    const auto plan = sheaf::pipeline("p") | sheaf::stage(twice);
    const server run = detached(plan, 21);
    EXPECT_EQ(run.value<int>(), 42);
    EXPECT_EQ(run.visits, 2U);
}

TEST(a_detached_run, calls_local_functions_during_a_visit) {
    const auto plan = sheaf::pipeline("p") | sheaf::stage(twice) | sheaf::transform([](int n) { return n + 1; }) |
                      sheaf::filter([](int n) { return n > 0; }) | sheaf::stage(text);
    EXPECT_EQ(detached(plan, 4).value<std::string>(), "9");
    EXPECT_EQ(detached(plan, 4).visits, 3U);
}

TEST(a_detached_run, joins_the_elements_of_an_each_in_their_order) {
    const auto plan = sheaf::pipeline("p") | sheaf::stage(upto) | sheaf::each(twice) | sheaf::stage(sum);
    std::mt19937 random(3);
    const server run = detached(plan, 1'000, &random);
    EXPECT_EQ(run.value<int>(), 999'000);
    EXPECT_EQ(run.visits, 4U) << "what an element's call answers is a part without a visit";
}

TEST(a_detached_run, goes_on_behind_an_each_over_nothing_and_over_one) {
    const auto plan = sheaf::pipeline("p") | sheaf::stage(upto) | sheaf::each(twice) | sheaf::stage(sum);
    EXPECT_EQ(detached(plan, 0).value<int>(), 0);
    const auto doubled =
        sheaf::pipeline("p") | sheaf::stage(upto) | sheaf::each(sheaf::stage(next) | sheaf::stage(next));
    EXPECT_EQ(detached(doubled, 0).value<std::vector<int>>(), std::vector<int>());
    EXPECT_EQ(detached(doubled, 1).value<std::vector<int>>(), std::vector<int>({2}));
}

TEST(a_detached_run, meets_the_branches_of_a_fork_also_within_each_other) {
    const auto plan = sheaf::pipeline("p") |
                      sheaf::fork(sheaf::stage(upto) |
                                      sheaf::each(sheaf::stage(twice) | sheaf::transform([](int n) { return n + 1; })) |
                                      sheaf::stage(sum),
                                  sheaf::stage(text)) |
                      sheaf::join(pair);
    std::mt19937 random(5);
    EXPECT_EQ(detached(plan, 5, &random).value<std::string>(), "25:5");
}

TEST(a_detached_run, whose_branches_are_all_local_needs_no_visit_for_them) {
    const auto plan = sheaf::pipeline<int>("p") |
                      sheaf::fork(sheaf::transform([](int n) { return n + 1; }),
                                  sheaf::transform([](int n) { return std::to_string(n); })) |
                      sheaf::join([](int n, const std::string& s) { return s + std::to_string(n); });
    const server run = detached(plan, 1);
    EXPECT_EQ(run.value<std::string>(), "12");
    EXPECT_EQ(run.visits, 1U);
}

TEST(a_detached_run, has_a_task_decide_what_goes_on) {
    const auto plan =
        sheaf::pipeline("p") | sheaf::stage(upto) | sheaf::each(sheaf::filter(even) | sheaf::stage(twice));
    std::mt19937 random(1);
    EXPECT_EQ(detached(plan, 6, &random).value<std::vector<int>>(), std::vector<int>({0, 4, 8}));
    const auto alone = sheaf::pipeline("p") | sheaf::filter(even);
    EXPECT_EQ(detached(alone, 2).value<int>(), 2);
    EXPECT_EQ(detached(alone, 3).ended, protocol::run_end::nothing);
}

TEST(a_detached_run, takes_the_branch_of_the_alternative) {
    using either = std::variant<int, std::string>;
    const auto plan = sheaf::pipeline<either>("p") |
                      sheaf::branch(sheaf::stage(twice), sheaf::transform([](const std::string& s) { return s; })) |
                      sheaf::batch(10);
    EXPECT_EQ(detached(plan, either{4}).value<std::vector<either>>(), std::vector<either>({8}));
    EXPECT_EQ(detached(plan, either{"x"}).value<std::vector<either>>(), std::vector<either>({"x"}));
}

TEST(a_detached_run, ends_with_the_failure_of_a_stage) {
    const auto plan = sheaf::pipeline("p") | sheaf::stage(upto) | sheaf::each(twice);
    server run(plan.graph());
    run.answers["double"] = [](const std::string&) -> raw_result { return failure{.message = "no"}; };
    run.begin(sheaf::encode(3));
    run.finish();
    EXPECT_EQ(run.why().message, "no");
    EXPECT_EQ(run.why().task, "double");
}

TEST(a_detached_run, leaves_out_elements_that_are_skipped_and_drops_whole_forks) {
    const auto odd_fails = [](const std::string& arguments) -> raw_result {
        const int n = number_in(arguments);
        if (n % 2 != 0) return failure{.message = "odd"};
        return shared_bytes(sheaf::encode(2 * n));
    };
    const sheaf::stage_options skips{.on_failure = sheaf::on_failure::skip};
    const auto plan = sheaf::pipeline("p") | sheaf::stage(upto) |
                      sheaf::each(sheaf::fork(sheaf::stage(twice, skips), sheaf::stage(text)) | sheaf::join(pair));
    server run(plan.graph());
    run.answers["double"] = odd_fails;
    run.begin(sheaf::encode(5));
    std::mt19937 random(9);
    run.finish(&random);
    EXPECT_EQ(run.value<std::vector<std::string>>(), std::vector<std::string>({"0:0", "4:2", "8:4"}));
}

TEST(a_detached_run, collects_failures_as_results) {
    const auto plan =
        sheaf::pipeline("p") | sheaf::stage(upto) | sheaf::each(twice, {.on_failure = sheaf::on_failure::collect});
    server run(plan.graph());
    run.answers["double"] = [](const std::string& arguments) -> raw_result {
        if (number_in(arguments) == 1) return failure{.message = "one"};
        return shared_bytes(sheaf::encode(7));
    };
    run.begin(sheaf::encode(3));
    run.finish();
    const auto all = run.value<std::vector<sheaf::result<int>>>();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(*all[0], 7);
    EXPECT_EQ(all[1].error().message, "one");
    EXPECT_EQ(*all[2], 7);
}

TEST(a_detached_run, calls_again_what_its_retry_says_after_its_pause) {
    const sheaf::stage_options thrice{
        .call = {.retry = sheaf::retry{3}.backoff(100ms).on<odd>().never<sheaf::remote_error>()}};
    const auto plan = sheaf::pipeline("p") | sheaf::stage(twice, thrice);
    server run(plan.graph());
    const failure typed{.message = "again", .attempt = 1, .typed_index = 0};
    run.answers["double"] = [&](const std::string&) -> raw_result { return typed; };
    run.begin(sheaf::encode(1));
    const std::string first = run.calls[0].payload;
    run.answer();
    ASSERT_EQ(run.calls.size(), 1U);
    EXPECT_EQ(run.calls[0].delay_ms, 100U);
    EXPECT_NE(run.calls[0].payload, first) << "each attempt has a name of its own";
    run.answer();
    EXPECT_EQ(run.calls[0].delay_ms, 200U);
    run.answer();
    EXPECT_EQ(run.why().message, "again");
    EXPECT_EQ(run.why().attempt, 3U) << "a worker knows of one alone";

    server other(plan.graph());
    other.answers["double"] = [&](const std::string&) -> raw_result {
        return failure{.code = errc::remote_exception, .message = "never"};
    };
    other.begin(sheaf::encode(1));
    other.answer();
    EXPECT_EQ(other.why().message, "never");
}

TEST(a_detached_run, hears_of_jobs_that_ended_without_a_worker) {
    const auto plan = sheaf::pipeline("p") | sheaf::stage(twice);
    server run(plan.graph());
    run.begin(sheaf::encode(1));
    run.end(0, protocol::visit_kind::lost, shared_bytes("its workers died"));
    EXPECT_EQ(run.why().code, errc::worker_lost);
    EXPECT_EQ(run.why().message, "its workers died");
    server failed(plan.graph());
    failed.begin(sheaf::encode(1));
    failed.end(0, protocol::visit_kind::failed, {});
    EXPECT_EQ(failed.why().code, errc::job_failed);
}

TEST(a_detached_run, says_which_answer_could_not_be_read) {
    const auto plan = sheaf::pipeline("p") | sheaf::stage(upto) | sheaf::each(twice);
    server run(plan.graph());
    run.begin(sheaf::encode(1));
    run.answer();
    run.end(0, protocol::visit_kind::answer, shared_bytes("gibberish"));
    EXPECT_EQ(run.why().code, errc::malformed);
    EXPECT_EQ(run.why().task, "double");
}

TEST(a_detached_run, says_what_a_local_function_threw) {
    const auto plan = sheaf::pipeline("p") | sheaf::stage(twice) |
                      sheaf::transform([](int) -> int { throw std::runtime_error("not today"); }, {.name = "lazy"});
    const failure why = detached(plan, 1).why();
    EXPECT_EQ(why.message, "not today");
    EXPECT_EQ(why.task, "lazy");
}

TEST(a_detached_run, sends_messages_of_one_size_however_deep_the_plan_is) {
    const auto shallow = sheaf::pipeline("p") | sheaf::stage(upto) | sheaf::each(sheaf::stage(next));
    const auto one = sheaf::transform([](int n) { return std::vector<int>{n}; });
    const auto first = sheaf::transform([](const std::vector<int>& of) { return of.front(); });
    const auto deep = sheaf::pipeline("p") | sheaf::stage(upto) |
                      sheaf::each(sheaf::stage(next) | one |
                                  sheaf::each(sheaf::stage(next) | one | sheaf::each(next) | first) | first);
    EXPECT_EQ(detached(deep, 2).value<std::vector<int>>(), std::vector<int>({3, 4}));
    EXPECT_LE(detached(deep, 2).largest_orders, detached(shallow, 2).largest_orders);
}

TEST(a_plan, that_makes_several_items_or_needs_its_driver_is_refused_with_the_step) {
    const auto flat = sheaf::pipeline("p") | sheaf::stage(upto) | sheaf::flatten;
    try {
        sheaf::detail::check_detachable(*flat.graph());
        FAIL() << "flatten was taken";
    } catch (const sheaf::not_supported& why) {
        EXPECT_THAT(why.what(), HasSubstr("\"flatten\" makes several items of one"));
    }
    EXPECT_THROW((void)flat.make_bindings(), sheaf::not_supported);
}

TEST(a_plan, has_a_function_by_its_name_and_its_steps) {
    const auto one = sheaf::pipeline("my plan") | sheaf::stage(twice);
    const auto same = sheaf::pipeline("my plan") | sheaf::stage(twice);
    const auto other = sheaf::pipeline("my plan") | sheaf::stage(next);
    EXPECT_THAT(sheaf::detail::plan_function(*one.graph()), HasSubstr("my_plan.next-"));
    EXPECT_EQ(sheaf::detail::plan_function(*one.graph()), sheaf::detail::plan_function(*same.graph()));
    EXPECT_NE(sheaf::detail::plan_function(*one.graph()), sheaf::detail::plan_function(*other.graph()));
}

TEST(a_plan, has_another_function_when_a_local_step_has_other_types) {
    using sheaf::detail::plan_function;
    const auto with = [](auto local) {
        return plan_function(*(sheaf::pipeline("p") | sheaf::stage(twice) | sheaf::transform(local)).graph());
    };
    const auto same = [](int n) { return n; };
    EXPECT_EQ(with(same), with([](int n) { return n + 1; }));
    EXPECT_NE(with(same), with([](int n) { return std::to_string(n); }));
    EXPECT_NE(with(same), with([](int n) { return std::vector<int>{n}; }));
    EXPECT_NE(with(same), with([](int) {}));
    const auto of = [](auto head) {
        return plan_function(*(head | sheaf::filter([](const auto& item) { return item == item; })).graph());
    };
    EXPECT_NE(of(sheaf::pipeline<int>("p")), of(sheaf::pipeline<std::string>("p")));
}

TEST(a_visit, that_does_not_fit_the_plan_is_refused) {
    const auto plan = sheaf::pipeline("p") | sheaf::stage(upto) | sheaf::each(twice);
    const auto walk = [&](const protocol::run_visit& what) {
        return sheaf::detail::plan_walk(*plan.graph(), [] { return 1U; }).visit(what);
    };
    EXPECT_THROW((void)walk({.kind = protocol::visit_kind::answer, .node = 99}), sheaf::decode_error);
    EXPECT_THROW((void)walk({.kind = protocol::visit_kind::answer, .node = 1}), sheaf::decode_error);
    EXPECT_THROW((void)walk({.kind = protocol::visit_kind::parts, .node = 1}), sheaf::decode_error);
    EXPECT_THROW((void)walk({.kind = protocol::visit_kind::parts, .node = 3, .data = "xx"}), sheaf::decode_error);
}

}  // namespace
