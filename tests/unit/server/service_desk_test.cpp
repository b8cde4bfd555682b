// What peers are told of what the store says.
#include "server/service_desk.hpp"

#include <gtest/gtest.h>

namespace sheaf::server {
namespace {

store::found_letters letters(std::vector<store::job_number> ids, bool is_all) {
    store::found_letters found{.is_all = is_all, .newest = 9};
    for (const store::job_number id : ids) found.jobs.push_back({.id = id, .function = "f"});
    return found;
}

TEST(service_desk, says_how_many_letters_were_retried_before_the_store_had_no_space) {
    service_desk desk({.prefix = "H:host:"}, {});
    broker::service_question asked{};
    asked.what = broker::service_question::about::letters;
    asked.text = "retry all";
    constexpr broker::service_ticket name{7};
    ASSERT_TRUE(std::holds_alternative<store::question>(desk.begin(name, asked, {})));
    ASSERT_EQ(desk.end(name, letters({1, 2}, false)).letters.size(), 2U);
    ASSERT_TRUE(std::holds_alternative<store::question>(desk.take_letters(name, {1, 2})));
    ASSERT_EQ(desk.end(name, store::revived{{1, 2}}).outcomes.size(), 2U);
    ASSERT_EQ(desk.end(name, letters({3}, true)).letters.size(), 1U);
    ASSERT_TRUE(std::holds_alternative<store::question>(desk.take_letters(name, {3})));

    const service_desk::finished done = desk.end(name, error{errc::io_error, "store_full: no space"});
    ASSERT_EQ(done.outcomes.size(), 1U);
    EXPECT_FALSE(done.outcomes[0].result);
    const auto& answer = std::get<broker::service_answer>(done.next);
    EXPECT_EQ(answer.what, broker::service_answer::kind::refused);
    EXPECT_EQ(answer.why,
              "store_full: no space; before that 2 dead letters have become jobs again, and the others stay");
}

}  // namespace
}  // namespace sheaf::server
