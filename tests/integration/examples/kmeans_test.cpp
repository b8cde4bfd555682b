// The example "kmeans" against the same steps without a cluster.
#include <signal.h>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "examples/kmeans/clustering.hpp"
#include "integration/cluster/worker_program.hpp"
#include "integration/examples/example_run.hpp"

namespace sheaf::test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::uint64_t seed = 7;
constexpr std::uint32_t shards = 5;
constexpr std::size_t points_per_shard = 2000;
constexpr std::size_t clusters = 4;

summary summarize_directly(const std::vector<point>& centroids) {
    summary all;
    for (std::uint32_t i = 0; i < shards; ++i) all = all + summarize(make_points(seed, i, points_per_shard), centroids);
    return all;
}

struct expectation {
    int iterations = 0;
    std::string clusters;  // the lines that the program ends with
};

expectation cluster_directly() {
    expectation result;
    std::vector<point> centroids = first_centroids(seed, clusters);
    std::vector<point> before;
    summary all;
    do {
        all = summarize_directly(centroids);
        before = std::exchange(centroids, centres(all, centroids));
        ++result.iterations;
    } while (centroids != before);
    std::ostringstream lines;
    for (std::size_t i = 0; i < clusters; ++i) {
        lines << all.clusters[i].points << " points around (" << centroids[i].x << ", " << centroids[i].y << ")\n";
    }
    result.clusters = lines.str();
    return result;
}

const std::vector<std::string> same_as_directly = {"--seed", "7",          "--shards", "5",           "--points",
                                                   "2000",   "--clusters", "4",        "--tolerance", "0"};

TEST(kmeans_example, finds_what_one_process_finds_in_as_many_iterations) {
    const expectation expected = cluster_directly();
    const example_run run = run_example("kmeans", same_as_directly);
    EXPECT_EQ(run.status, 0) << run.errors;
    const std::string last = "\niteration " + std::to_string(expected.iterations) + ": ";
    EXPECT_THAT(run.output, HasSubstr(last));
    EXPECT_THAT(run.output, EndsWith("moves of up to 0\n" + expected.clusters));
}

TEST(kmeans_example, a_worker_that_is_killed_takes_its_points_along_and_changes_nothing) {
    process driver = start_example("kmeans", same_as_directly);
    const std::string first = driver.read_line().value_or("");
    EXPECT_THAT(first, StartsWith("iteration 1: "));
    for (const pid_t worker : children_of(driver.pid())) ::kill(worker, SIGKILL);
    EXPECT_THAT(driver.read_all(), EndsWith(cluster_directly().clusters));
    EXPECT_EQ(driver.wait(), 0) << driver.error_output();
}

TEST(kmeans_example, says_when_it_has_not_settled) {
    const example_run run =
        run_example("kmeans", {"--shards", "2", "--points", "1000", "--tolerance", "0", "--iterations", "1"});
    EXPECT_EQ(run.status, 1);
    EXPECT_EQ(run.errors, "kmeans: not settled after 1 iterations\n");
}

}  // namespace
}  // namespace sheaf::test
