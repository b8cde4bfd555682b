// What is known of where something is, while servers answer or do not.
#include "background/server_search.hpp"

#include <gmock/gmock.h>

namespace sheaf::detail {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(asked_servers, the_first_that_has_it_settles_it_whoever_has_not_answered) {
    asked_servers three(3);
    three.has_it_not(0, "no");
    EXPECT_FALSE(three.is_settled());
    three.has_it(2, "here");
    EXPECT_TRUE(three.is_settled());
    EXPECT_EQ(three.owner(), 2U);
    EXPECT_EQ(*three.answer_of(2), "here");
}

TEST(asked_servers, it_is_unknown_only_when_all_have_said_so) {
    asked_servers two(2);
    two.has_it_not(1, "no");
    EXPECT_TRUE(two.denied_by(1));
    EXPECT_FALSE(two.denied_by(0));
    EXPECT_FALSE(two.is_settled());
    two.has_it_not(0, "no");
    EXPECT_TRUE(two.is_settled());
    EXPECT_TRUE(two.denied_by_all());
    EXPECT_FALSE(two.owner());
    two.is_of_another_make(0, {errc::not_supported, "it is not Sheaf's own"});
    EXPECT_TRUE(two.denied_by_all());
    EXPECT_EQ(two.answer_of(0).error().code, errc::not_supported);
    EXPECT_EQ(*two.answer_of(1), "no");
}

TEST(asked_servers, those_that_could_not_say_are_named) {
    asked_servers three(3);
    three.has_it_not(0, "no");
    three.cannot_say(1, {errc::connection_failed, "north:4730 cannot be reached"});
    three.cannot_say(2, {errc::timeout, "south:4730 was silent"});
    EXPECT_TRUE(three.is_settled());
    EXPECT_FALSE(three.denied_by_all());
    const error why = three.silence();
    EXPECT_EQ(why.code, errc::connection_failed);
    EXPECT_THAT(why.message, AllOf(HasSubstr("may be at one that does not"),
                                   HasSubstr("north:4730 cannot be reached; south:4730 was silent")));
    asked_servers one(1);
    one.cannot_say(0, why);
    EXPECT_EQ(one.silence().message, why.message);
    three.cannot_say(0, {errc::timeout, "west:4730 was silent"});
    EXPECT_THAT(three.silence().message, AllOf(HasSubstr("no server has answered"), Not(HasSubstr("may be at"))));
}

}  // namespace
}  // namespace sheaf::detail
