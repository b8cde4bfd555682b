// The map/reduce examples beside plain programs, with one to eight workers, little memory and much, one partition and many.
#include <map>
#include <tuple>

#include <gtest/gtest.h>

#include "integration/examples/map_reduce_place.hpp"

namespace sheaf::test {
namespace {

class map_reduce_examples : public testing::TestWithParam<std::tuple<std::size_t, run_shape>> {
  protected:
    static constexpr std::size_t bytes = 1'000'000;

    static void TearDownTestSuite() { cases.clear(); }

    // Made once for all shapes.
    struct made_case {
        explicit made_case(const example& of) : what(of.make(inputs, bytes)) {}
        scratch_directory inputs;
        example_case what;
    };
    static inline std::map<std::size_t, made_case> cases;
};

TEST_P(map_reduce_examples, come_to_what_plain_programs_do) {
    const auto& [which, shape] = GetParam();
    const example_case& what = cases.try_emplace(which, all_examples.at(which)).first->second.what;
    const map_reduce_place place;
    process driver(place.line(what, shape));
    place.expect_right(driver, what);
}

std::string name_of(const testing::TestParamInfo<map_reduce_examples::ParamType>& of) {
    return all_examples.at(std::get<0>(of.param)).name + std::string("_with_") +
           testing::PrintToString(std::get<1>(of.param));
}

INSTANTIATE_TEST_SUITE_P(
    shapes, map_reduce_examples,
    testing::Combine(testing::Range(std::size_t{0}, all_examples.size()),
                     testing::Values(run_shape{.workers = 1, .memory = "16M", .partitions = 1},
                                     run_shape{.workers = 2, .memory = "64K", .partitions = 3, .split = "17777"},
                                     run_shape{.workers = 3, .memory = "1G", .partitions = 64, .split = "200K"},
                                     run_shape{
                                         .workers = 8, .memory = "256M", .partitions = 7, .flags = {"--verify"}})),
    name_of);

}  // namespace
}  // namespace sheaf::test
