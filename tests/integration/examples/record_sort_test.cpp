// Sorting a partition that is far larger than the budget.
#include "integration/examples/record_sort.hpp"

namespace sheaf::test {
namespace {

TEST_F(record_sort, of_a_partition_twenty_times_the_budget_stays_within_it) {
    make_records(1'000'000);
    expect_sorted_within(5 * mebi, {"--partitions", "1"});
}

}  // namespace
}  // namespace sheaf::test
