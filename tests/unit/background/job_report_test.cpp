// What the server says of jobs, and what becomes of it when it says something else.
#include "background/job_report.hpp"

#include <gmock/gmock.h>

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using detail::read_dead_letter;
using detail::read_dead_list;
using detail::read_status;
using std::chrono::system_clock;
using testing::IsEmpty;
using testing::SizeIs;

TEST(job_reports, a_status_has_what_the_server_says) {
    const auto status = read_status(
        R"({"handle":"H:1","function":"img.resize","unique":"u","state":"delayed","why":"tried 2 of 5 times, next in 4 s",
            "priority":"low","background":true,"attempt":2,"attempts_max":5,"losses":1,"workers":3,"run_at_ms":1700000000123})");
    ASSERT_TRUE(status);
    EXPECT_EQ(status->state, background_state::delayed);
    EXPECT_EQ(status->why, "tried 2 of 5 times, next in 4 s");
    EXPECT_EQ(status->handle, "H:1");
    EXPECT_EQ(status->function, "img.resize");
    EXPECT_EQ(status->unique, "u");
    EXPECT_EQ(status->attempt, 2U);
    EXPECT_EQ(status->attempts, 5U);
    EXPECT_EQ(status->losses, 1U);
    EXPECT_EQ(status->workers, 3U);
    EXPECT_EQ(status->run_at, system_clock::time_point(1700000000123ms));
    EXPECT_EQ(status->ahead, std::nullopt);
    EXPECT_FALSE(status->has_ended());
}

TEST(job_reports, the_attempt_of_a_running_job_is_the_one_that_runs) {
    const auto status =
        read_status(R"({"state":"running","attempt":2,"numerator":3,"denominator":10,"worker":"img at 127.0.0.1"})");
    ASSERT_TRUE(status);
    EXPECT_EQ(status->attempt, 2U);
    EXPECT_EQ(status->done, 3U);
    EXPECT_EQ(status->total, 10U);
    EXPECT_EQ(status->worker, "img at 127.0.0.1");
}

TEST(job_reports, ends_have_their_times) {
    const auto completed =
        read_status(R"({"state":"completed","result_bytes":7,"ended_ms":1000,"expires_ms":86401000})");
    ASSERT_TRUE(completed);
    EXPECT_TRUE(completed->has_ended());
    EXPECT_EQ(completed->result_bytes, 7U);
    EXPECT_EQ(completed->ended, system_clock::time_point(1s));
    EXPECT_EQ(completed->expires, system_clock::time_point(24h + 1s));
    const auto failed = read_status(R"({"state":"failed","reason":"why","attempt":5,"died_ms":2000})");
    ASSERT_TRUE(failed);
    EXPECT_TRUE(failed->has_ended());
    EXPECT_EQ(failed->reason, "why");
    EXPECT_EQ(failed->attempt, 5U);
    EXPECT_EQ(failed->ended, system_clock::time_point(2s));
}

TEST(job_reports, members_of_another_kind_are_as_if_they_were_missing) {
    const auto status = read_status(
        R"({"state":7,"why":null,"attempt":-1,"ahead":"3","losses":99999999999,"run_at_ms":9223372036854775807,
            "numerator":[1,{"state":"running"}],"what":{"state":"running"},"state":"queued"})");
    ASSERT_TRUE(status);
    EXPECT_EQ(status->state, background_state::unknown);
    EXPECT_EQ(status->why, "");
    EXPECT_EQ(status->attempt, 0U);
    EXPECT_EQ(status->ahead, std::nullopt);
    EXPECT_EQ(status->losses, 0U);
    EXPECT_EQ(status->run_at, std::nullopt);
}

TEST(job_reports, what_is_no_object_is_malformed) {
    for (const char* const bad : {"", "{", "[]", "7", "{}{}", "not json", "{\"state\":\"queued\""}) {
        EXPECT_EQ(read_status(bad).error().code, errc::malformed) << bad;
        EXPECT_EQ(read_dead_list(bad).error().code, errc::malformed) << bad;
    }
}

TEST(job_reports, dead_letters_are_listed_and_shown) {
    const auto list = read_dead_list(
        R"({"dead":[{"handle":"H:2","function":"f","reason":"why","attempts":3,"losses":0,"worker":"w","died_ms":5000},
                    7,{"handle":"H:1","function":"f","unique":"u"}],"total":12})");
    ASSERT_TRUE(list);
    EXPECT_EQ(list->total, 12U);
    ASSERT_THAT(list->letters, SizeIs(2));
    EXPECT_EQ(list->letters[0].handle, "H:2");
    EXPECT_EQ(list->letters[0].attempts, 3U);
    EXPECT_EQ(list->letters[0].died, system_clock::time_point(5s));
    EXPECT_EQ(list->letters[1].unique, "u");
    const auto shown = read_dead_letter(R"({"handle":"H:2","payload":"AAE=","log":"bGluZQ==","exception":"?"})");
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->payload, std::string("\0\x01", 2));
    EXPECT_EQ(shown->log, "line");
    EXPECT_THAT(shown->exception, IsEmpty());
    EXPECT_THAT(read_dead_list(R"({"dead":7})")->letters, IsEmpty());
}

TEST(job_reports, small_answers_are_read) {
    EXPECT_EQ(*detail::read_cancelled(R"({"was":"running"})"), background_state::running);
    EXPECT_EQ(*detail::read_cancelled(R"({"state":"completed"})"), background_state::completed);
    EXPECT_EQ(*detail::read_job_count(R"({"jobs":3})"), 3U);
    EXPECT_EQ(*detail::read_durability(R"({"durability":"full","jobs":1})"), "full");
}

}  // namespace
}  // namespace sheaf::test
