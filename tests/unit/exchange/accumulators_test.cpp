// The ready-made accumulators: however the values are cut and merged, the result is the same.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/random_text.hpp"
#include <sheaf/accumulators.hpp>
#include <sheaf/detail/value_codec.hpp>

namespace sheaf {
namespace {

// Gives `values` to several accumulators, sends each through its encoding, and merges them in order.
template <class Accumulator, class T>
Accumulator accumulate_in_parts(const std::vector<T>& values, std::mt19937_64& random) {
    Accumulator all;
    for (std::size_t at = 0; at < values.size();) {
        Accumulator part;
        for (std::size_t n = 1 + random() % 40; n > 0 && at < values.size(); --n) part.add(values[at++]);
        std::string bytes;
        detail::value_codec<Accumulator>::append(bytes, part);
        Accumulator arrived;
        detail::value_codec<Accumulator>::read(bytes, arrived);
        all.merge(std::move(arrived));
    }
    return all;
}

class accumulators : public testing::Test {
  protected:
    std::vector<std::uint64_t> some_numbers(std::size_t count, std::uint64_t below) {
        std::vector<std::uint64_t> numbers(count);
        for (std::uint64_t& one : numbers) one = random_() % below;
        return numbers;
    }

    std::uint64_t seed_ = test::random_seed();
    testing::ScopedTrace trace_{__FILE__, __LINE__, "SHEAF_SEED=" + std::to_string(seed_)};
    std::mt19937_64 random_{seed_};
};

TEST_F(accumulators, counts_sums_and_extremes_do_not_depend_on_the_cuts) {
    const auto numbers = some_numbers(1000, 500);
    EXPECT_EQ(accumulate_in_parts<count>(numbers, random_).value(), 1000u);
    EXPECT_EQ(accumulate_in_parts<sum<std::uint64_t>>(numbers, random_).value(),
              std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0}));
    EXPECT_EQ(accumulate_in_parts<minimum<std::uint64_t>>(numbers, random_).value(),
              *std::min_element(numbers.begin(), numbers.end()));
    EXPECT_EQ(accumulate_in_parts<maximum<std::uint64_t>>(numbers, random_).value(),
              *std::max_element(numbers.begin(), numbers.end()));
}

TEST_F(accumulators, a_mean_keeps_small_differences_of_large_values) {
    std::vector<double> values;
    for (int i = 0; i < 1000; ++i) values.push_back(1e9 + i % 5);
    const auto all = accumulate_in_parts<mean>(values, random_);
    EXPECT_EQ(all.count(), 1000u);
    EXPECT_NEAR(all.value(), 1e9 + 2, 1e-6);
    EXPECT_NEAR(all.variance(), 2, 1e-6);
    EXPECT_NEAR(all.sample_variance(), 2 * 1000 / 999.0, 1e-6);
}

TEST_F(accumulators, the_top_are_the_greatest_in_order_with_repetitions) {
    auto numbers = some_numbers(1000, 300);
    const auto best = accumulate_in_parts<top<10, std::uint64_t>>(numbers, random_).values();
    std::sort(numbers.begin(), numbers.end(), std::greater<>{});
    numbers.resize(10);
    EXPECT_EQ(best, numbers);
    EXPECT_EQ((accumulate_in_parts<top<10, int>>(std::vector<int>{2, 3, 1}, random_).values()),
              (std::vector<int>{3, 2, 1}));
}

struct by_first {
    bool operator()(const std::pair<int, int>& a, const std::pair<int, int>& b) const { return a.first < b.first; }
};

TEST_F(accumulators, of_equals_the_top_are_the_first_of_the_input) {
    std::vector<std::pair<int, int>> values;
    for (int i = 0; i < 40; ++i) values.emplace_back(i % 2, i);
    for (int round = 0; round < 10; ++round) {
        EXPECT_EQ((accumulate_in_parts<top<3, std::pair<int, int>, by_first>>(values, random_).values()),
                  (std::vector<std::pair<int, int>>{{0, 0}, {0, 2}, {0, 4}}));
    }
}

TEST_F(accumulators, distinct_values_are_told_once_and_sorted) {
    const auto numbers = some_numbers(3000, 700);
    const std::set<std::uint64_t> expected(numbers.begin(), numbers.end());
    const auto all = accumulate_in_parts<distinct<std::uint64_t>>(numbers, random_);
    EXPECT_EQ(all.values(), std::vector<std::uint64_t>(expected.begin(), expected.end()));
    EXPECT_EQ(all.count(), expected.size());
}

TEST_F(accumulators, an_estimate_is_exact_for_few_and_near_for_many) {
    EXPECT_EQ(accumulate_in_parts<distinct_estimate<std::uint64_t>>(some_numbers(5000, 1), random_).count(), 1u);
    for (const std::uint64_t wanted : {200u, 3000u, 100'000u}) {
        std::vector<std::string> words;
        for (std::uint64_t i = 0; i < wanted; ++i) words.push_back("word " + std::to_string(i * 7919));
        for (std::size_t i = 0; i < 100; ++i) words.push_back(std::string(words[i]));
        const auto found =
            static_cast<double>(accumulate_in_parts<distinct_estimate<std::string>>(words, random_).count());
        EXPECT_NEAR(found / static_cast<double>(wanted), 1, wanted < 256 ? 0 : 0.06) << wanted;
    }
}

TEST_F(accumulators, a_list_keeps_the_order_of_the_input) {
    const auto numbers = some_numbers(500, 1000);
    EXPECT_EQ(accumulate_in_parts<list<std::uint64_t>>(numbers, random_).values(), numbers);
}

TEST_F(accumulators, a_posting_list_gives_back_what_it_was_given_but_for_repetitions) {
    auto numbers = some_numbers(2000, 1'000'000);
    std::sort(numbers.begin(), numbers.begin() + 1500);  // and some that go back and forth
    numbers.push_back(UINT64_MAX);
    numbers.push_back(0);
    for (std::size_t i = 0; i < numbers.size(); i += 7)
        numbers.insert(numbers.begin() + static_cast<std::ptrdiff_t>(i), numbers[i]);
    const auto all = accumulate_in_parts<posting_list>(numbers, random_);
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    std::vector<std::uint64_t> found;
    all.for_each([&](std::uint64_t number) { found.push_back(number); });
    EXPECT_EQ(found, numbers);
    EXPECT_EQ(all.count(), numbers.size());
}

}  // namespace
}  // namespace sheaf
