// What takes too long for every day.
#include "integration/pipeline/pipeline_cluster.hpp"

namespace sheaf::test {
namespace {

TEST_P(pipeline_cluster, three_stages_over_100000_items_end_in_order_although_workers_die) {
    run_while_workers_die(100000, 40);
}

}  // namespace
}  // namespace sheaf::test
