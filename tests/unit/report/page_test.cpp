// The report as a page.
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "report/page_text.hpp"
#include "unit/report/sample_run.hpp"
#include <sheaf/run_report.hpp>

namespace sheaf {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// The names of elements that are open at the end, and "/name" for one that is closed without being open.
std::vector<std::string> unbalanced(std::string_view page) {
    std::vector<std::string> open;
    while (true) {
        const std::size_t begin = page.find('<');
        if (begin == page.npos) return open;
        const std::size_t end = page.find('>', begin);
        const std::string_view tag = page.substr(begin + 1, end - begin - 1);
        page.remove_prefix(end + 1);
        const std::string name(tag.substr(0, tag.find(' ')));
        if (name == "!DOCTYPE" || name == "meta") continue;
        if (!name.starts_with('/')) {
            open.push_back(name);
        } else if (!open.empty() && "/" + open.back() == name) {
            open.pop_back();
        } else {
            open.push_back(name);
            return open;
        }
    }
}

std::size_t count_of(std::string_view what, std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
    return count;
}

TEST(report_page, is_one_well_formed_page_that_fetches_nothing) {
    const std::string page = to_html(test::sample_run());
    EXPECT_THAT(unbalanced(page), IsEmpty());
    EXPECT_THAT(page, HasSubstr("default-src 'none'"));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("://")));
}

TEST(report_page, draws_every_attempt_in_its_workers_row) {
    const std::string page = to_html(test::sample_run());
    EXPECT_EQ(count_of("<rect ", page), 7U);
    EXPECT_EQ(count_of("<rect class=\"failed\"", page), 1U);
    EXPECT_EQ(count_of("<rect class=\"reduce\"", page), 2U);
    EXPECT_THAT(page, HasSubstr("<rect class=\"reduce\" x=\"930.0\" y=\"2\" width=\"250.0\""))
        << "from 300 to 400 of 400 ms";
    EXPECT_THAT(page, HasSubstr("map 1, 0.05 s, 1000 B, 100 records, failed: the worker was killed by signal 9"));
}

TEST(report_page, takes_no_name_for_markup) {
    map_reduce_report run = test::sample_run();
    run.output = "/data/<script>alert('x')</script>&\"";
    run.attempt_log[0].worker = "<b>\x1b[2J";
    run.attempt_log[1].why = "</title></svg><img src=x>";
    run.counters = {{"</table>", 1}};
    const std::string page = to_html(run);
    EXPECT_THAT(unbalanced(page), IsEmpty());
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)"));
}

TEST(report_page, draws_the_longest_of_very_many_attempts) {
    map_reduce_report run;
    for (std::uint32_t i = 0; i < 30'000; ++i) {
        const std::chrono::milliseconds began(2 * i);
        run.attempt_log.push_back(
            test::attempt(run_stage::map, i, "a", began, began + std::chrono::milliseconds(i % 3 == 0 ? 2 : 1)));
    }
    const std::string page = to_html(run);
    EXPECT_EQ(count_of("<rect ", page), 10'000U)
        << "all of the longer ones, and no part of those that are as long as each other";
    EXPECT_THAT(page, HasSubstr("Only the longest"));
}

TEST(report_page, of_a_run_without_attempts_is_short) {
    EXPECT_THAT(unbalanced(to_html({})), IsEmpty());
    EXPECT_THAT(to_html({}), Not(HasSubstr("<svg")));
}

TEST(page_text, keeps_lines_and_nothing_else_that_is_no_text) {
    EXPECT_EQ(detail::escaped("a\tb\nc<"), "a\\x09b\nc&lt;");
}

}  // namespace
}  // namespace sheaf
