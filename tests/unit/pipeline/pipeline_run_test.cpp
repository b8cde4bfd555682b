// Runs on their own thread, with a sender that answers by itself.
#include <latch>
#include <ranges>

#include <gtest/gtest.h>

#include "paper_run.hpp"
#include <sheaf/json.hpp>

namespace {

using namespace paper;

/// Answers each call at once, by the table; or keeps those of `held`.
class answering_sender final : public sheaf::detail::call_sender {
  public:
    call_id submit(const sheaf::detail::raw_call& call, const sheaf::call_options& /*how*/,
                   std::shared_ptr<listener> hears, std::uint64_t tag) override {
        const std::string task(call.task);
        if (task != held) {
            if (task == retried) hears->on_retry(tag, 1, failure{.code = errc::worker_lost});
            hears->on_result(tag, answers.at(task)(call.arguments));
        } else if (held_calls != nullptr) {
            held_calls->count_down();
        }
        return ++last_;
    }
    void cancel(call_id /*call*/) override { ++cancelled; }

    handler_table answers = handlers();
    std::string held;
    std::string retried;
    std::latch* held_calls = nullptr;
    std::size_t cancelled = 0;

  private:
    call_id last_ = 0;
};

class pipeline_run : public testing::Test {
  protected:
    template <class Plan, class Range>
    auto start(const Plan& plan, Range&& range, sheaf::pipeline_options how = {}) {
        return plan.start_through({.through = sender, .how = how}, std::forward<Range>(range));
    }

    std::shared_ptr<answering_sender> sender = std::make_shared<answering_sender>();
};

TEST_F(pipeline_run, over_a_generator_gives_each_outcome_with_its_index) {
    const auto plan = sheaf::pipeline("run") | sheaf::stage(twice) | sheaf::stage(next);
    auto run = start(plan, std::views::iota(0, 5000), {.in_order = true, .items = 100});
    std::uint64_t expected = 0;
    for (auto& [index, outcome] : run) {
        ASSERT_EQ(index, expected);
        ASSERT_EQ(outcome, 2 * static_cast<int>(expected++) + 1);
    }
    EXPECT_EQ(expected, 5000U);
    const auto all = run.summary();
    EXPECT_TRUE(adds_up(all));
    EXPECT_LE(all.most_items, 100U);
    ASSERT_EQ(all.stages.size(), 2U);
    EXPECT_EQ(all.stages[1].ok, 5000U);
}

TEST_F(pipeline_run, what_a_slow_input_has_given_goes_on_before_it_gives_more) {
    std::latch first_is_out(1);
    const auto slow = std::views::iota(0, 3) | std::views::transform([&](int n) {
                          const auto begun = std::chrono::steady_clock::now();
                          while (n == 1 && std::chrono::steady_clock::now() - begun < 2ms) continue;
                          if (n == 2) first_is_out.wait();
                          return n;
                      });
    auto run = start(sheaf::pipeline("run") | sheaf::stage(twice), slow);
    EXPECT_EQ(run.next()->outcome, 0);
    first_is_out.count_down();
    EXPECT_EQ(run.next()->outcome, 2);
    EXPECT_EQ(run.next()->outcome, 4);
}

TEST_F(pipeline_run, in_order_gathers_all) {
    const auto plan = sheaf::pipeline("run") | sheaf::stage(text);
    EXPECT_EQ(sheaf::in_order(start(plan, std::vector{3, 1, 2})), (std::vector<std::string>{"3", "1", "2"}));
}

TEST_F(pipeline_run, throws_what_the_task_declares_after_what_was_ready) {
    sender->answers["double"] = [works = sender->answers["double"]](const std::string& arguments) -> raw_result {
        if (number_in(arguments) != 3) return works(arguments);
        return failure{.code = errc::remote_exception, .message = "three", .task = "double", .typed_index = 0};
    };
    auto run = start(sheaf::pipeline("run") | sheaf::stage(twice), std::vector{1, 2, 3, 4}, {.calls = 1});
    EXPECT_EQ(run.next()->outcome, 2);
    EXPECT_EQ(run.next()->outcome, 4);
    EXPECT_THROW((void)run.next(), odd);
    EXPECT_TRUE(adds_up(run.summary()));
}

struct misspelt : std::runtime_error {
    using std::runtime_error::runtime_error;
    int line = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(line));
    }
    static constexpr std::string_view json_name = "misspelt";
};

TEST_F(pipeline_run, throws_what_a_json_task_declares_with_its_fields) {
    static constexpr sheaf::task<"check", int(int), sheaf::json, sheaf::throws<misspelt>> check;
    sender->answers["check"] = [](const std::string&) -> raw_result {
        return failure{.code = errc::remote_exception, .typed_index = 0, .typed_fields = R"({"line":7})"};
    };
    auto run = start(sheaf::pipeline("run") | sheaf::stage(check), std::vector{1});
    try {
        (void)run.next();
        FAIL() << "nothing was thrown";
    } catch (const misspelt& error) {
        EXPECT_EQ(error.line, 7);
    }
}

TEST_F(pipeline_run, throws_what_the_input_throws) {
    auto run =
        start(sheaf::pipeline("run") | sheaf::stage(twice), std::views::iota(0) | std::views::transform([](int n) {
                                                                if (n == 2) throw std::out_of_range("no more");
                                                                return n;
                                                            }));
    EXPECT_THROW(while (run.next()){}, std::out_of_range);
}

TEST_F(pipeline_run, of_one_item_returns_or_throws) {
    const auto plan = sheaf::pipeline("one") | sheaf::stage(twice) | sheaf::filter([](int n) { return n < 10; });
    EXPECT_EQ(plan.run_through({.through = sender}, 4), 8);
    EXPECT_THROW((void)plan.run_through({.through = sender}, 5), sheaf::call_error);
    const auto none = sheaf::pipeline("none") | sheaf::stage(upto) | sheaf::each(twice) | sheaf::stage(sum);
    EXPECT_EQ(none.run_through({.through = sender}, 0), 0);
}

TEST_F(pipeline_run, that_is_cancelled_ends_without_an_exception) {
    sender->held = "next";
    auto run = start(sheaf::pipeline("run") | sheaf::stage(twice) | sheaf::stage(next), std::views::iota(0));
    run.cancel();
    while (run.next()) {
    }
    EXPECT_TRUE(run.summary().over);
    EXPECT_TRUE(adds_up(run.summary()));
}

TEST_F(pipeline_run, that_is_stopped_throws_cancelled) {
    sender->held = "double";
    std::stop_source stop;
    auto run = start(sheaf::pipeline("run") | sheaf::stage(twice), std::views::iota(0), {.stop = stop.get_token()});
    stop.request_stop();
    EXPECT_THROW((void)run.next(), sheaf::cancelled);
}

TEST_F(pipeline_run, ends_at_its_deadline) {
    sender->held = "double";
    auto run = start(sheaf::pipeline("run") | sheaf::stage(twice), std::vector{1}, {.deadline = 1ms});
    EXPECT_THROW((void)run.next(), sheaf::timeout);
}

TEST_F(pipeline_run, that_is_dropped_cancels_what_is_out) {
    sender->held = "double";
    std::latch out(3);
    sender->held_calls = &out;
    {
        auto run = start(sheaf::pipeline("run") | sheaf::stage(twice, {.window = 3}), std::vector{1, 2, 3});
        out.wait();
    }
    EXPECT_EQ(sender->cancelled, 3U);
}

TEST_F(pipeline_run, retries_are_events_and_in_the_summary) {
    sender->retried = "next";
    auto run = start(sheaf::pipeline("run") | sheaf::stage(twice) | sheaf::stage(next), std::vector{1, 2, 3});
    while (run.next()) {
    }
    EXPECT_EQ(run.summary().stages[0].retried, 0U);
    EXPECT_EQ(run.summary().stages[1].retried, 3U);
    std::size_t told = 0;
    for (const sheaf::event& one : run.events()) {
        if (const auto* retrying = std::get_if<sheaf::events::retrying>(&one))
            told += retrying->stage == "next" ? 1 : 0;
    }
    EXPECT_EQ(told, 3U);
}

TEST_F(pipeline_run, events_end_with_the_run) {
    auto run = start(sheaf::pipeline("run") | sheaf::stage(twice), std::vector{1, 2, 3});
    std::vector<std::string> done;
    while (run.next()) {
    }
    for (const sheaf::event& one : run.events()) {
        if (const auto* stage = std::get_if<sheaf::events::stage_done>(&one)) done.push_back(stage->name);
    }
    EXPECT_EQ(done, (std::vector<std::string>{"double"}));
}

TEST_F(pipeline_run, events_that_nobody_takes_are_counted_not_kept) {
    sender->answers["double"] = [](const std::string&) -> raw_result { return failure{.code = errc::worker_lost}; };
    auto run = start(sheaf::pipeline("run") | sheaf::stage(twice, {.on_failure = sheaf::on_failure::skip}),
                     std::views::iota(0, 3000));
    EXPECT_FALSE(run.next());
    std::uint64_t seen = 0;
    std::uint64_t missed = 0;
    for (const sheaf::event& one : run.events()) {
        if (const auto* lost = std::get_if<sheaf::events::missed>(&one)) missed += lost->count;
        if (std::holds_alternative<sheaf::events::item_failed>(one)) ++seen;
    }
    EXPECT_LE(seen, 1024U);
    EXPECT_GE(seen + missed, 3000U);
}

}  // namespace
