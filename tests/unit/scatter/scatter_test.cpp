// Scatters whose calls the test answers itself.
#include <deque>
#include <functional>
#include <numeric>
#include <ranges>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <sheaf/scatter.hpp>

namespace {

using namespace std::chrono_literals;
using sheaf::errc;
using sheaf::failure;
using sheaf::scatter_options;
using sheaf::shared_bytes;
using sheaf::detail::raw_call;
using sheaf::detail::raw_result;

struct odd : std::runtime_error {
    using std::runtime_error::runtime_error;
};
using square_task = sheaf::task<"square", long(int), sheaf::throws<odd>>;
using add_task = sheaf::task<"add", int(int, int)>;

/// Keeps the calls until the test, or `on_submit`, answers them.
class fake_sender final : public sheaf::detail::call_sender {
  public:
    struct out {
        call_id id;
        std::string arguments;
        std::chrono::milliseconds deadline;
        std::chrono::steady_clock::time_point until;
        std::shared_ptr<listener> hears;
        std::uint64_t tag;
    };
    std::deque<out> calls;
    std::set<call_id> cancelled;
    std::size_t most_out = 0;
    std::size_t submitted = 0;
    std::function<void()> on_submit = [] {};

    call_id submit(const raw_call& call, const sheaf::call_options& how, std::shared_ptr<listener> hears,
                   std::uint64_t tag) override {
        calls.push_back({++submitted, call.arguments, how.deadline, call.until, std::move(hears), tag});
        most_out = std::max(most_out, calls.size());
        on_submit();
        return calls.empty() ? submitted : calls.back().id;
    }
    void cancel(call_id call) override { cancelled.insert(call); }

    void answer(std::size_t position, raw_result outcome) {
        const out call = std::move(calls[position]);
        calls.erase(calls.begin() + static_cast<std::ptrdiff_t>(position));
        call.hears->on_result(call.tag, std::move(outcome));
    }
    void answer_square(std::size_t position) {
        const auto [n] = sheaf::decode<std::tuple<int>>(calls[position].arguments);
        answer(position, shared_bytes(sheaf::encode(long{n} * n)));
    }
    /// Answers everything that is out as soon as `batch` calls are.
    void answer_in_batches(std::size_t batch) {
        on_submit = [this, batch] {
            if (calls.size() < batch) return;
            while (!calls.empty()) answer_square(calls.size() - 1);
        };
    }
};

template <class Task = square_task, class Range>
sheaf::scatter_run<Task, Range> scatter(std::shared_ptr<fake_sender> through, Range&& range, scatter_options how = {}) {
    return {std::move(through), nullptr, std::forward<Range>(range), how};
}

/// An endless range that counts how far it was read.
struct counting_range {
    std::size_t* read;
    struct iterator {
        std::size_t* read;
        int operator*() const { return static_cast<int>(*read); }
        iterator& operator++() {
            ++*read;
            return *this;
        }
        friend bool operator==(const iterator&, std::default_sentinel_t) { return false; }
    };
    [[nodiscard]] iterator begin() const { return {read}; }
    [[nodiscard]] std::default_sentinel_t end() const { return {}; }
};

TEST(scatter, every_element_is_called_once_and_results_come_in_order_of_arrival) {
    auto sender = std::make_shared<fake_sender>();
    auto run = scatter(sender, std::vector{1, 2, 3}, {.window = 3});
    sender->on_submit = [&] {
        if (sender->calls.size() == 3) {
            for (const std::size_t position : {1U, 1U, 0U}) sender->answer_square(position);
        }
    };
    std::vector<std::pair<std::size_t, long>> seen;
    for (auto& [index, outcome] : sheaf::as_completed(run)) seen.emplace_back(index, *outcome);
    EXPECT_EQ(seen, (std::vector<std::pair<std::size_t, long>>{{1, 4}, {2, 9}, {0, 1}}));
    EXPECT_TRUE(run.whole());
    EXPECT_EQ(run.calls(), 3U);
}

TEST(scatter, an_endless_range_is_read_no_further_than_the_window) {
    auto sender = std::make_shared<fake_sender>();
    std::size_t read = 0;
    auto run = scatter(sender, counting_range{&read}, {.window = 8});
    sender->answer_in_batches(8);
    for (std::size_t taken = 0; taken < 1000; ++taken) {
        ASSERT_TRUE(run.next());
        ASSERT_LE(read, taken + 8);
    }
    EXPECT_EQ(sender->most_out, 8U);
}

TEST(scatter, a_window_of_one_is_a_call_after_the_other) {
    auto sender = std::make_shared<fake_sender>();
    sender->answer_in_batches(1);
    long sum = 0;
    for (auto& done : sheaf::as_completed(scatter(sender, std::views::iota(1, 11), {.window = 1})))
        sum += *done.outcome;
    EXPECT_EQ(sum, 385);
    EXPECT_EQ(sender->most_out, 1U);
}

TEST(scatter, an_empty_range_gives_nothing) {
    auto sender = std::make_shared<fake_sender>();
    auto run = scatter(sender, std::vector<int>{}, {.window = 4});
    EXPECT_FALSE(run.next());
    EXPECT_TRUE(run.whole());
    EXPECT_EQ(sender->submitted, 0U);
}

TEST(scatter, a_task_with_several_arguments_takes_tuples_of_them) {
    auto sender = std::make_shared<fake_sender>();
    auto run = scatter<add_task>(sender, std::vector<std::pair<int, short>>{{1, short{2}}}, {.window = 4});
    sender->on_submit = [&] {
        EXPECT_EQ((sheaf::decode<std::tuple<int, int>>(sender->calls[0].arguments)), (std::tuple{1, 2}));
        sender->answer(0, shared_bytes(sheaf::encode(3)));
    };
    EXPECT_EQ(*run.next()->outcome, 3);
}

TEST(scatter, calls_of_the_task_may_be_its_elements) {
    auto sender = std::make_shared<fake_sender>();
    constexpr add_task add;
    const auto calls = std::views::iota(1, 3) | std::views::transform([add](int n) { return add(n, 10); });
    static_assert(sheaf::detail::range_of_calls<decltype(calls)>);
    static_assert(!sheaf::detail::range_of_calls<std::vector<std::pair<int, int>>>);
    auto run = scatter<sheaf::detail::task_of_calls<decltype(calls)>>(sender, calls, {.window = 1});
    std::vector<std::tuple<int, int>> arguments;
    sender->on_submit = [&] {
        arguments.push_back(sheaf::decode<std::tuple<int, int>>(sender->calls[0].arguments));
        sender->answer(0, shared_bytes(sheaf::encode(0)));
    };
    while (run.next()) continue;
    EXPECT_EQ(arguments, (std::vector<std::tuple<int, int>>{{1, 10}, {2, 10}}));
}

TEST(scatter, an_outcome_is_a_value_or_what_the_task_throws) {
    constexpr square_task square;
    EXPECT_EQ(sheaf::value_of(square, sheaf::result<long>(4)), 4);
    const failure three{.code = errc::remote_exception, .message = "three is odd", .typed_index = 0};
    EXPECT_THROW((void)sheaf::value_of(square, sheaf::result<long>(three)), odd);
}

TEST(scatter, dropping_a_run_cancels_what_is_out_and_only_that) {
    auto sender = std::make_shared<fake_sender>();
    {
        auto run = scatter(sender, std::views::iota(0), {.window = 4});
        sender->on_submit = [&] {
            if (sender->submitted == 4) sender->answer_square(1);
        };
        ASSERT_TRUE(run.next());
    }
    EXPECT_EQ(sender->cancelled, (std::set<std::uint64_t>{1, 3, 4}));
    // What comes later finds nobody, and does no harm.
    while (!sender->calls.empty()) sender->answer(0, failure{.code = errc::cancelled});
}

TEST(scatter, after_cancel_nothing_is_called_and_what_is_out_ends) {
    auto sender = std::make_shared<fake_sender>();
    auto run = scatter(sender, std::views::iota(0), {.window = 2});
    sender->on_submit = [&] {
        if (sender->submitted == 2) sender->answer_square(0);
    };
    ASSERT_TRUE(run.next());
    run.cancel();
    EXPECT_EQ(sender->cancelled, (std::set<std::uint64_t>{2}));
    sender->answer(0, failure{.code = errc::cancelled});
    const auto last = run.next();
    ASSERT_TRUE(last);
    EXPECT_EQ(last->outcome.error().code, errc::cancelled);
    EXPECT_FALSE(run.next());
    EXPECT_FALSE(run.whole());
    EXPECT_EQ(sender->submitted, 2U);
}

TEST(scatter, a_deadline_that_has_passed_calls_nothing) {
    auto sender = std::make_shared<fake_sender>();
    auto run = scatter(sender, std::vector{1, 2}, {.window = 2, .deadline = 0ms});
    EXPECT_FALSE(run.next());
    EXPECT_FALSE(run.whole());
    EXPECT_THROW(
        (void)sheaf::detail::results_in_order(scatter(sender, std::vector{1, 2}, {.window = 2, .deadline = 0ms})),
        sheaf::timeout);
    EXPECT_EQ(sender->submitted, 0U);
}

TEST(scatter, calls_wait_no_longer_than_the_scatter_or_their_own_deadline) {
    auto sender = std::make_shared<fake_sender>();
    const auto time_of_a_call = [&](scatter_options how) {
        how.window = 1;
        std::chrono::steady_clock::duration seen{};
        sender->on_submit = [&] {
            const auto now = std::chrono::steady_clock::now();
            const auto own = now + sender->calls[0].deadline;
            seen = std::min(sender->calls[0].until, own) - now;
            sender->answer_square(0);
        };
        auto run = scatter(sender, std::vector{1}, how);
        EXPECT_TRUE(run.next());
        return seen;
    };
    EXPECT_EQ(time_of_a_call({.call = {.deadline = 5s}}), 5s);
    EXPECT_EQ(time_of_a_call({.call = {.deadline = 5s}, .deadline = 1h}), 5s);
    const auto cut = time_of_a_call({.call = {.deadline = 5h}, .deadline = 1h});
    EXPECT_LE(cut, 1h);
    EXPECT_GT(cut, 0s);
}

TEST(scatter, what_the_range_throws_passes_through_and_cancels_the_rest) {
    auto sender = std::make_shared<fake_sender>();
    const auto numbers = std::views::iota(0) | std::views::transform([](int n) {
                             if (n == 2) throw std::out_of_range("no more");
                             return n;
                         });
    EXPECT_THROW((void)sheaf::detail::results_in_order(scatter(sender, numbers, {.window = 4})), std::out_of_range);
    EXPECT_EQ(sender->cancelled, (std::set<std::uint64_t>{1, 2}));
}

TEST(results_in_order, are_in_the_order_of_the_range) {
    auto sender = std::make_shared<fake_sender>();
    sender->answer_in_batches(5);
    const std::vector<int> numbers{5, 4, 3, 2, 1, 0, 6, 7, 8, 9};
    const auto squares = sheaf::detail::results_in_order(scatter(sender, numbers, {.window = 5}));
    EXPECT_EQ(squares, (std::vector<long>{25, 16, 9, 4, 1, 0, 36, 49, 64, 81}));
}

TEST(results_in_order, throw_the_first_failure_to_arrive_as_the_task_declares_it) {
    auto sender = std::make_shared<fake_sender>();
    sender->on_submit = [&] {
        if (sender->submitted == 3) {
            sender->answer(1, failure{.code = errc::remote_exception, .message = "three is odd", .typed_index = 0});
        }
    };
    try {
        (void)sheaf::detail::results_in_order(scatter(sender, std::vector{2, 3, 4}, {.window = 3}));
        FAIL() << "nothing was thrown";
    } catch (const odd& error) {
        EXPECT_STREQ(error.what(), "three is odd");
    }
    EXPECT_EQ(sender->cancelled, (std::set<std::uint64_t>{1, 3}));
}

TEST(typed_call, bytes_that_are_no_result_are_malformed) {
    using sheaf::detail::read_result;
    EXPECT_EQ(*read_result<square_task>(shared_bytes(sheaf::encode(4L))), 4);
    EXPECT_EQ(read_result<square_task>(shared_bytes("123")).error().code, errc::malformed);
    EXPECT_EQ(read_result<square_task>(shared_bytes("123456789")).error().task, "square");
    using silent_task = sheaf::task<"silent", void()>;
    EXPECT_TRUE(read_result<silent_task>(shared_bytes("")).has_value());
    EXPECT_EQ(read_result<silent_task>(shared_bytes("x")).error().code, errc::malformed);
    using raw_task = sheaf::task<"raw", std::string(std::string), sheaf::raw>;
    EXPECT_EQ(*read_result<raw_task>(shared_bytes("any")), "any");
}

}  // namespace
