// Ten million records, with 64 MiB for each worker: takes a gigabyte of disk four times, so it is a long test.

#include "integration/examples/record_sort.hpp"

namespace sheaf::test {
namespace {

TEST_F(record_sort, of_ten_million_records_stays_within_64_mebibytes_more_than_the_budget) {
    make_records(10'000'000);
    expect_sorted_within(64 * mebi, {});
    for (const char* too_few : {"5", "1"}) {
        SCOPED_TRACE(too_few);
        expect_sorted_within(64 * mebi, {"--partitions", too_few});
    }
}

}  // namespace
}  // namespace sheaf::test
