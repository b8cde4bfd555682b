// The example "logs" against the same steps without a cluster.
#include <sstream>
#include <string>

#include <gmock/gmock.h>

#include "examples/logs/analysis.hpp"
#include "examples/logs/log_maker.hpp"
#include "integration/examples/example_run.hpp"

namespace sheaf::test {
namespace {

using ::testing::HasSubstr;

std::string analyse_directly(std::uint64_t seed, std::uint32_t days, std::size_t lines, std::size_t k) {
    std::ostringstream text;
    page_counts all;
    for (std::uint32_t day = 0; day < days; ++day) {
        const auto visits = answered(parse_log(make_log(seed, day, lines)));
        const sessions seen = find_sessions(visits);
        text << "day " << day << ": " << seen.count << " sessions, " << seen.pages << " pages, the longest "
             << seen.longest << '\n';
        for (const auto& [page, count] : count_pages(visits)) all[page] += count;
    }
    for (const auto& [page, count] : top(all, k)) text << count << ' ' << page << '\n';
    return text.str();
}

TEST(logs_example, prints_what_one_process_finds_in_the_order_of_the_days) {
    const example_run run = run_example("logs", {"--seed", "7", "--days", "9", "--lines", "3000", "--top", "4"});
    EXPECT_EQ(run.status, 0) << run.errors;
    EXPECT_EQ(run.output, analyse_directly(7, 9, 3000, 4));
    EXPECT_EQ(run.errors, "");
}

TEST(logs_example, leaves_out_logs_that_are_missing_and_says_so) {
    const example_run run = run_example("logs", {"--days", "2", "--lines", "1000", "--missing", "3", "--top", "1"});
    EXPECT_EQ(run.status, 0) << run.errors;
    EXPECT_EQ(run.output, analyse_directly(1, 2, 1000, 1));
    EXPECT_EQ(run.errors, "logs: 3 failed at logs.parse\n");
}

TEST(logs_example, draws_its_pipeline) {
    const example_run run = run_example("logs", {"--draw"});
    EXPECT_EQ(run.status, 0) << run.errors;
    EXPECT_THAT(run.output, HasSubstr("[shape=box, label=\"logs.sessions\"]"));
}

TEST(logs_example, takes_sessions_apart_after_half_an_hour) {
    const auto visits =
        parse_log("a 00:00:00 /x 200\nb 00:10:00 /x 200\na 00:30:00 /y 404\na 01:00:01 /x 200\nno line\n");
    ASSERT_EQ(visits.size(), 4U);
    const sessions seen = find_sessions(visits);
    EXPECT_EQ(seen.count, 3U);
    EXPECT_EQ(seen.longest, 2U);
    EXPECT_EQ(answered(visits).size(), 3U);
}

}  // namespace
}  // namespace sheaf::test
