// The guide's page about pipelines: steps that are no tasks, order by key, and map/reduce as a step.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iostream>
#include <numeric>
#include <ranges>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <sheaf/map_reduce.hpp>
#include <sheaf/map_reduce_stage.hpp>
#include <sheaf/pipeline.hpp>
#include <sheaf/sheaf.hpp>
#include <sheaf/words.hpp>

using namespace std::chrono_literals;

inline constexpr sheaf::task<"steps.square", long(int)> square{};
inline constexpr sheaf::task<"steps.sum", long(std::vector<long>)> sum{};
inline constexpr sheaf::task<"steps.divisors", std::vector<int>(int)> divisors{};

// [booking]
struct booking {
    std::string account;
    int amount = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(account), CEREAL_NVP(amount));
    }
};

inline constexpr sheaf::task<"bank.book", std::string(booking)> book{};
// [/booking]

// [map_reduce_job]
inline constexpr sheaf::map_reduce<"steps.words", std::string, std::uint64_t> count_words{};

sheaf::map_reduce_options files_of(const std::vector<std::string>& paths) {
    return {.input = sheaf::text_files(paths), .output = "words"};
}
// [/map_reduce_job]

void split_words(const sheaf::text_split& in, sheaf::emitter<std::string, std::uint64_t>& out) {
    sheaf::for_each_word(in.text(), [&](std::string_view word) { out.emit(word, 1); });
}

std::vector<int> divisors_of(int n) {
    std::vector<int> found;
    for (int i = 1; i <= n; ++i) {
        if (n % i == 0) found.push_back(i);
    }
    return found;
}

void with_batches(sheaf::cluster& cluster) {
    // [batches]
    const auto batches = sheaf::pipeline("squares") | sheaf::stage(square) |
                         sheaf::filter([](long n) { return n % 2 == 0; }) |  // in this program, not on workers
                         sheaf::batch(10, 1s) |                              // vectors of ten
                         sheaf::stage(sum) | sheaf::transform([](long n) { return n / 2; });
    long halves = 0;
    for (auto& [index, half] : cluster.start(batches, std::views::iota(0, 1'000))) halves += half;
    // [/batches]
    std::cout << halves << '\n';

    // [flatten]
    const auto all_divisors = sheaf::pipeline("divisors") | sheaf::stage(divisors) | sheaf::flatten;
    for (auto& [index, divisor] : cluster.start(all_divisors, std::vector{6, 7}, {.in_order = true})) {
        std::cout << divisor << ' ';
    }
    // [/flatten]
    std::cout << '\n';
}

void with_branches(sheaf::cluster& cluster) {
    // [branch]
    using either = std::variant<int, std::string>;
    const auto lengths = sheaf::pipeline<either>("lengths") |
                         sheaf::branch(sheaf::stage(square),
                                       sheaf::transform([](const std::string& text) { return long(text.size()); }));
    for (auto& [index, n] : cluster.start(lengths, std::vector<either>{4, "four"}, {.in_order = true})) {
        std::cout << n << '\n';
    }
    // [/branch]
}

void with_keys(sheaf::cluster& cluster) {
    // [by_key]
    const std::vector<booking> bookings{{"ann", 10}, {"bob", 5}, {"ann", -3}};
    const auto ledger =
        sheaf::pipeline("ledger") | sheaf::stage(book).by_key([](const booking& one) { return one.account; });
    for (auto& [index, line] : cluster.start(ledger, bookings, {.in_order = true})) std::cout << line << '\n';
    // [/by_key]
}

void with_map_reduce(sheaf::cluster& cluster) {
    std::ofstream("one.txt") << "an owl and an owl\n";
    std::ofstream("two.txt") << "an otter\n";
    // [map_reduce]
    const auto plan = sheaf::pipeline<std::vector<std::string>>("report") |
                      sheaf::map_reduce_stage(count_words, files_of) |
                      sheaf::transform([](const sheaf::map_reduce_report& report) { return report.keys; });
    std::cout << cluster.run(plan, {"one.txt", "two.txt"}) << " different words\n";
    // [/map_reduce]
}

int main(int argc, char** argv) {
    sheaf::app app{"steps"};
    app.bind(square, [](int x) { return long{x} * x; });
    app.bind(sum, [](const std::vector<long>& all) { return std::accumulate(all.begin(), all.end(), 0L); });
    app.bind(divisors, divisors_of);
    app.bind(book, [](const booking& one) { return one.account + ' ' + std::to_string(one.amount); });
    app.bind(count_words, sheaf::map_with(split_words).combine_with(std::plus<>{}));
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> /*arguments*/) {
        with_batches(cluster);
        with_branches(cluster);
        with_keys(cluster);
        with_map_reduce(cluster);
        return 0;
    });
}
