// The guide's page about scatter and gather.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <ranges>
#include <span>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <sheaf/gather.hpp>
#include <sheaf/in_order.hpp>
#include <sheaf/reduce.hpp>
#include <sheaf/scatter_progress.hpp>
#include <sheaf/sheaf.hpp>

using namespace std::chrono_literals;

// [tasks]
inline constexpr sheaf::task<"scatter.square", long(int), sheaf::idempotent> square{};
inline constexpr sheaf::task<"scatter.power", long(int, unsigned)> power{};
inline constexpr sheaf::task<"shop.price", int(std::string), sheaf::idempotent> ask_price{};
// [/tasks]

// [tree_tasks]
using counts = std::map<std::string, std::uint64_t>;

inline constexpr sheaf::task<"letters.count", counts(std::string)> count_letters{};
inline constexpr sheaf::task<"letters.merge", counts(std::vector<counts>)> merge_counts{};
// [/tree_tasks]

counts letters_of(const std::string& word) {
    counts found;
    for (const char letter : word) ++found[std::string(1, letter)];
    return found;
}

// [merge]
counts merge(const std::vector<counts>& all) {
    counts sum;
    for (const counts& one : all) {
        for (const auto& [letter, count] : one) sum[letter] += count;
    }
    return sum;
}
// [/merge]

// One shop answers when it is told to stop, and one not at all.
int price_of(sheaf::context& context, const std::string& shop) {
    if (shop == "closed") throw std::runtime_error("the shop is closed");
    while (shop == "slow" && !context.stop_requested()) std::this_thread::sleep_for(1ms);
    return static_cast<int>(shop.size());
}

void in_all_orders(sheaf::cluster& cluster) {
    // [map]
    const std::vector<long> squares = cluster.map(square, std::vector{1, 2, 3});  // in the order of the range
    // [/map]
    std::cout << squares.back() << '\n';

    // [completed]
    long sum = 0;
    for (auto& [index, outcome] : sheaf::as_completed(cluster.scatter(square, std::views::iota(0, 1'000)))) {
        if (outcome) {
            sum += *outcome;
        } else {
            std::cerr << "element " << index << ": " << sheaf::describe(outcome.error()) << '\n';
        }
    }
    // [/completed]
    std::cout << sum << '\n';

    // [in_order]
    const std::vector<std::tuple<int, unsigned>> cases{{2, 10}, {3, 4}, {5, 3}};
    for (auto& [index, outcome] : sheaf::in_order(cluster.scatter(power, cases))) {
        if (outcome) std::cout << std::get<0>(cases[index]) << " gives " << *outcome << '\n';
    }
    // [/in_order]
}

void by_policy(sheaf::cluster& cluster) {
    // [best_effort]
    const std::vector<std::string> shops{"baker", "slow", "closed", "grocer"};
    const sheaf::scatter_options each{.pack = sheaf::packing::none()};
    const auto prices = sheaf::gather(cluster.scatter(ask_price, shops, each), sheaf::best_effort(2s));
    for (const auto& [index, price] : prices.values()) std::cout << shops[index] << ' ' << price << '\n';
    for (const auto& [index, why] : prices.failures()) std::cout << shops[index] << ": " << why.message << '\n';
    for (const std::size_t index : prices.missing()) std::cout << shops[index] << " has not answered\n";
    // [/best_effort]

    // [quorum]
    try {
        const auto two = sheaf::gather(cluster.scatter(ask_price, shops, each), sheaf::quorum(2));
        std::cout << two.values().size() << " prices are enough\n";
    } catch (const sheaf::incomplete& why) {
        std::cerr << sheaf::describe(why.why()) << '\n';  // with what the calls failed of
    }
    // [/quorum]
}

void reduced(sheaf::cluster& cluster) {
    // [reduce]
    const long sum = sheaf::reduce(cluster.scatter(square, std::views::iota(0, 1'000)), std::plus<>{}, 0L);
    // [/reduce]
    std::cout << sum << '\n';

    // [tree]
    const std::vector<std::string> words{"sheaf", "straw", "wheat", "barley"};
    const auto letters =
        sheaf::tree_reduce(cluster, cluster.scatter(count_letters, words), merge_counts, {.fan_in = 2});
    for (const auto& [letter, count] : *letters) {
        if (count > 2) std::cout << letter << ' ' << count << '\n';
    }
    // [/tree]
}

void with_options(sheaf::cluster& cluster) {
    // [options]
    const sheaf::scatter_options how{
        .window = 200,                                               // calls that are out, at most
        .window_bytes = 4 << 20,                                     // and the bytes of their arguments and results
        .pack = sheaf::packing(16),                                  // sixteen calls to a job
        .call = {.attempt_timeout = 10s, .retry = sheaf::retry{3}},  // how each call is made
        .deadline = 1min,                                            // the whole
    };
    const auto squares = cluster.map(square, std::views::iota(0, 100), how);
    // [/options]

    // [hedge]
    const auto quick = cluster.map(square, std::views::iota(0, 100), {.call = {.hedge = 200ms}});
    // [/hedge]

    // [adaptive_hedge]
    const auto even = cluster.map(square, std::views::iota(0, 100), {.hedge = {.factor = 3}});
    // [/adaptive_hedge]
    std::cout << squares.size() + quick.size() + even.size() << '\n';

    // [progress]
    auto shown =
        sheaf::observe(cluster.scatter(square, std::views::iota(0, 1'000)), sheaf::terminal_progress("squares"));
    long sum = 0;
    for (auto& [index, outcome] : sheaf::as_completed(shown)) sum += outcome ? *outcome : 0;
    // [/progress]
    std::cout << sum << '\n';

    // [early]
    auto run = cluster.scatter(square, std::views::iota(1));  // a range without an end
    for (auto& [index, outcome] : sheaf::as_completed(run)) {
        if (outcome && *outcome > 1'000'000) break;
    }
    run.cancel();
    // [/early]
}

int main(int argc, char** argv) {
    sheaf::app app{"scattering"};
    app.bind(square, [](int x) { return long{x} * x; });
    app.bind(power, [](int base, unsigned exponent) {
        long product = 1;
        while (exponent-- > 0) product *= base;
        return product;
    });
    app.bind(ask_price, price_of);
    app.bind(count_letters, letters_of);
    app.bind(merge_counts, merge);
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> /*arguments*/) {
        in_all_orders(cluster);
        by_policy(cluster);
        reduced(cluster);
        with_options(cluster);
        return 0;
    });
}
