// Ten million records, with 64 MiB for each worker: takes a gigabyte of disk four times, so only with SHEAF_LONG_TESTS.
#include <cstdlib>

#include "integration/examples/record_sort.hpp"

namespace sheaf::test {
namespace {

bool long_tests_wanted() {
    const char* const value = std::getenv("SHEAF_LONG_TESTS");
    return value != nullptr && *value != '\0';
}

TEST_F(record_sort, of_ten_million_records_stays_within_64_mebibytes_more_than_the_budget) {
    if (!long_tests_wanted()) return;
    make_records(10'000'000);
    expect_sorted_within(64 * mebi, {});
    for (const char* too_few : {"5", "1"}) {
        SCOPED_TRACE(too_few);
        expect_sorted_within(64 * mebi, {"--partitions", too_few});
    }
}

}  // namespace
}  // namespace sheaf::test
