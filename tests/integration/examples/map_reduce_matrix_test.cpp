// The map/reduce examples in shapes such that any two properties meet in one of them: workers, memory, partitions, splits, combining,
// compression and chaos. Minutes, so it is a long test. SHEAF_MATRIX_SEED chooses other shapes.
#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "integration/examples/map_reduce_place.hpp"
#include "integration/map_reduce/chaos.hpp"

namespace sheaf::test {
namespace {

constexpr std::size_t bytes = 24'000'000;  // more than the least of the budgets
constexpr std::size_t shapes_min = 24;

const std::vector<std::vector<std::string>> properties{
    {"1", "2", "3", "8"},       {"16M", "64M", "256M", "1G"}, {"1", "2", "7", "64"}, {"300K", "3M", "64M"},
    {"combined", "uncombined"}, {"plain", "compressed"},      {"peace", "chaos"}};
using choice = std::vector<std::size_t>;  // of a value for each property

std::uint64_t matrix_seed() {
    if (const char* const value = std::getenv("SHEAF_MATRIX_SEED")) return std::strtoull(value, nullptr, 10);
    return std::random_device{}() % 1'000'000;
}

// Two properties, and what they are.
using value_pair = std::array<std::size_t, 4>;

std::set<value_pair> pairs_of(const choice& one) {
    std::set<value_pair> pairs;
    for (std::size_t i = 0; i < one.size(); ++i) {
        for (std::size_t j = i + 1; j < one.size(); ++j) pairs.insert({i, j, one[i], one[j]});
    }
    return pairs;
}

std::size_t count_new(const choice& one, const std::set<value_pair>& known) {
    return static_cast<std::size_t>(
        std::ranges::count_if(pairs_of(one), [&](const value_pair& pair) { return !known.contains(pair); }));
}

// Choices in which all pairs of values occur: of some random ones, always that with the most new pairs.
std::vector<choice> covering_choices(std::mt19937_64& random) {
    std::size_t all = 0;
    for (std::size_t i = 0; i < properties.size(); ++i) {
        for (std::size_t j = i + 1; j < properties.size(); ++j) all += properties[i].size() * properties[j].size();
    }
    std::vector<choice> chosen;
    std::set<value_pair> known;
    while (known.size() < all || chosen.size() < shapes_min) {
        choice best;
        for (int tries = 0; tries < 50; ++tries) {
            choice one;
            for (const auto& values : properties) one.push_back(random() % values.size());
            if (best.empty() || count_new(one, known) > count_new(best, known)) best = one;
        }
        known.merge(pairs_of(best));
        chosen.push_back(best);
    }
    return chosen;
}

run_shape shape_of(const choice& one) {
    const auto value = [&](std::size_t property) { return properties[property][one[property]]; };
    run_shape shape{.workers = static_cast<unsigned>(std::stoul(value(0))),
                    .memory = value(1),
                    .partitions = static_cast<unsigned>(std::stoul(value(2))),
                    .split = value(3),
                    .flags = {"--attempts", "100"},
                    .combined = one[4] == 0,
                    .chaos = one[6] != 0};
    if (one[5] != 0) shape.flags.push_back("--compress");
    return shape;
}

class map_reduce_matrix : public testing::TestWithParam<example> {};

TEST_P(map_reduce_matrix, comes_to_what_a_plain_program_does_in_every_shape) {
    const std::uint64_t seed = matrix_seed();
    std::mt19937_64 random(seed);
    const scratch_directory inputs;
    const example_case what = GetParam().make(inputs, bytes);
    for (const choice& one : covering_choices(random)) {
        const run_shape shape = shape_of(one);
        SCOPED_TRACE("SHEAF_MATRIX_SEED=" + std::to_string(seed) + ", " + testing::PrintToString(shape));
        const map_reduce_place place;
        process driver(place.line(what, shape));
        if (shape.chaos) {
            chaos harm(seed, place.runs(), [&] { return descendants_of(driver.pid()); });
            harm.work_on(driver);
        }
        place.expect_right(driver, what);
    }
}

INSTANTIATE_TEST_SUITE_P(examples, map_reduce_matrix, testing::ValuesIn(all_examples),
                         [](const auto& of) { return std::string(of.param.name); });

}  // namespace
}  // namespace sheaf::test
