// A run of a plan on paper: the machine alone, with calls that the test answers and time that the test tells.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/machine.hpp"
#include <sheaf/pipeline.hpp>

namespace paper {

using namespace std::chrono_literals;
using sheaf::errc;
using sheaf::failure;
using sheaf::shared_bytes;
using sheaf::detail::raw_result;

struct odd : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The tasks of these tests; handlers() below has what they do.
inline constexpr sheaf::task<"double", int(int), sheaf::throws<odd>> twice{};
inline constexpr sheaf::task<"next", int(int)> next{};
inline constexpr sheaf::task<"text", std::string(int)> text{};
inline constexpr sheaf::task<"upto", std::vector<int>(int)> upto{};
inline constexpr sheaf::task<"sum", int(std::vector<int>)> sum{};
inline constexpr sheaf::task<"pair", std::string(int, std::string)> pair{};
inline constexpr sheaf::task<"even", bool(int)> even{};
inline constexpr sheaf::task<"bytes", std::string(std::string), sheaf::raw> bytes{};

template <class Task, class F>
std::function<raw_result(const std::string&)> handler(const Task& /*task*/, F f) {
    return [f](const std::string& arguments) -> raw_result {
        std::string out;
        auto result = std::apply(f, sheaf::decode<typename Task::arguments_type>(arguments));
        return shared_bytes(sheaf::encode(result));
    };
}

using handler_table = std::map<std::string, std::function<raw_result(const std::string&)>, std::less<>>;

inline handler_table handlers() {
    return {
        {"double", handler(twice, [](int n) { return 2 * n; })},
        {"next", handler(next, [](int n) { return n + 1; })},
        {"text", handler(text, [](int n) { return std::to_string(n); })},
        {"upto", handler(upto,
                         [](int n) {
                             std::vector<int> made;
                             for (int i = 0; i < n; ++i) made.push_back(i);
                             return made;
                         })},
        {"sum", handler(sum,
                        [](const std::vector<int>& of) {
                            int all = 0;
                            for (const int one : of) all += one;
                            return all;
                        })},
        {"pair", handler(pair, [](int n, const std::string& s) { return std::to_string(n) + ":" + s; })},
        {"even", handler(even, [](int n) { return n % 2 == 0; })},
        {"bytes", [](const std::string& plain) -> raw_result { return shared_bytes("<" + plain + ">"); }},
    };
}

/// The one argument of a call of an int task.
inline int number_in(const std::string& arguments) { return std::get<0>(sheaf::decode<std::tuple<int>>(arguments)); }

template <class Plan>
class run final : public sheaf::detail::pipeline_effects {
  public:
    using in = typename Plan::input_type;
    using out = sheaf::detail::edge_type<typename Plan::output_type>;
    struct sent {
        sheaf::detail::call_tag tag;
        std::string task;
        std::string arguments;
    };

    explicit run(const Plan& plan, sheaf::detail::machine_limits limits = {})
        : plan_(plan), machine(*plan_.graph(), limits, *this, now) {}

    // What the machine wants.
    void send(sheaf::detail::call_tag tag, const sheaf::detail::call_node& task, std::string arguments) override {
        calls.push_back({tag, std::string(task.task.frame.task), std::move(arguments)});
        ++made[calls.back().task];
        most_out = std::max(most_out, calls.size());
    }
    void start(sheaf::detail::call_tag tag, const sheaf::detail::block_node& /*what*/, shared_bytes item) override {
        calls.push_back({tag, "block", std::string(item.view())});
    }
    void cancel(sheaf::detail::call_tag tag) override {
        cancelled += std::erase_if(calls, [tag](const sent& one) { return one.tag == tag; });
    }
    void deliver(std::uint64_t index, shared_bytes outcome) override {
        delivered.emplace_back(index, sheaf::detail::decode_edge<out>(outcome.view()));
        ++untaken;
    }
    void note(sheaf::event what) override { noted.push_back(std::move(what)); }

    /// Offers as many of `items` as there is room for; says the end when all are offered.
    void feed() {
        while (machine.wants_item() && !input.empty()) {
            machine.offer(shared_bytes(sheaf::encode(input.front())));
            input.pop_front();
            machine.turn(now);
        }
        if (input.empty()) machine.input_ended();
        machine.turn(now);
    }
    void answer(std::size_t position) {
        const sent one = std::move(calls[position]);
        calls.erase(calls.begin() + static_cast<std::ptrdiff_t>(position));
        machine.call_ended(one.tag, answers.at(one.task)(one.arguments));
        machine.turn(now);
    }
    /// Where the oldest call of `task` is.
    [[nodiscard]] std::size_t first(std::string_view task) const {
        const auto found =
            std::find_if(calls.begin(), calls.end(), [task](const sent& one) { return one.task == task; });
        return static_cast<std::size_t>(found - calls.begin());
    }
    void take_all() { machine.taken(std::exchange(untaken, 0)); }

    /// Answers and takes everything until the end; the oldest call first, or in the order that `random` says.
    void finish(std::mt19937* random = nullptr) {
        feed();
        while (!machine.is_over() && !calls.empty()) {
            answer(random == nullptr ? 0 : (*random)() % calls.size());
            take_all();
            feed();
        }
    }
    /// The whole of it over `items`.
    void go(std::vector<in> items) {
        input.assign(items.begin(), items.end());
        finish();
    }

    [[nodiscard]] std::vector<out> outcomes() const {
        std::vector<out> all;
        for (const auto& [index, outcome] : delivered) all.push_back(outcome);
        return all;
    }
    [[nodiscard]] sheaf::stage_summary stage(std::string_view name) const {
        for (const auto& one : machine.summary().stages) {
            if (one.name == name) return one;
        }
        return {};
    }

    handler_table answers = handlers();
    std::deque<in> input;
    std::vector<sent> calls;
    std::map<std::string, std::size_t> made;
    std::vector<std::pair<std::uint64_t, out>> delivered;
    std::vector<sheaf::event> noted;
    std::size_t most_out = 0;
    std::size_t cancelled = 0;
    std::size_t untaken = 0;
    sheaf::detail::pipeline_machine::time_point now{};

  private:
    Plan plan_;

  public:
    sheaf::detail::pipeline_machine machine;
};

/// Whether every item is accounted for, at each stage and in all.
inline bool adds_up(const sheaf::pipeline_summary& all) {
    bool right = all.over && all.items == all.finished + all.filtered + all.skipped + all.unfinished;
    for (const auto& one : all.stages) right = right && one.in == one.ok + one.failed + one.skipped;
    return right;
}

}  // namespace paper
