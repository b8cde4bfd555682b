// Which tasks a worker process offers; and the small things that are made for each process or slot.
#include "cluster/offered_tasks.hpp"

#include <gmock/gmock.h>

#include "cluster/control_name.hpp"
#include "cluster/core_share.hpp"
#include "cluster/slot_states.hpp"

namespace sheaf::detail {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Pair;

TEST(is_meant, takes_patterns_and_takes_away) {
    EXPECT_TRUE(is_meant("", "img.scale"));
    EXPECT_TRUE(is_meant("img.*", "img.scale"));
    EXPECT_FALSE(is_meant("img.*", "log.parse"));
    EXPECT_TRUE(is_meant("img.*,log.parse", "log.parse"));
    EXPECT_TRUE(is_meant("!img.*", "log.parse"));
    EXPECT_FALSE(is_meant("!img.*", "img.scale"));
    EXPECT_FALSE(is_meant("img.*,!img.scale", "img.scale"));
    EXPECT_TRUE(is_meant("!img.scale,img.*", "img.turn"));
    EXPECT_FALSE(is_meant("!img.scale,img.*", "log.parse"));
    EXPECT_TRUE(is_meant(",,", "log.parse"));
}

binding task_named(std::string name, std::size_t slots_max = 0) {
    binding made;
    made.name = std::move(name);
    made.slots_max = slots_max;
    return made;
}

std::vector<std::pair<std::string, std::size_t>> offered_at(process_place place) {
    std::vector<std::pair<std::string, std::size_t>> names;
    const auto offered = offered_tasks({task_named("free"), task_named("scarce", 3)}, "", place);
    for (const binding& one : *offered) {
        names.emplace_back(one.name, one.slots_max);
    }
    return names;
}

TEST(offered_tasks, a_limit_goes_to_the_first_processes) {
    EXPECT_THAT(offered_at({.index = 2, .slots = 1}), ElementsAre(Pair("free", 0), Pair("scarce", 0)));
    EXPECT_THAT(offered_at({.index = 3, .slots = 1}), ElementsAre(Pair("free", 0)));
    EXPECT_THAT(offered_at({.index = 0, .slots = 2}), ElementsAre(Pair("free", 0), Pair("scarce", 0)));
    EXPECT_THAT(offered_at({.index = 1, .slots = 2}), ElementsAre(Pair("free", 0), Pair("scarce", 1)));
    EXPECT_THAT(offered_at({.index = 0, .slots = 8}), ElementsAre(Pair("free", 0), Pair("scarce", 3)));
}

TEST(offered_tasks, patterns_that_mean_none_are_an_error_that_names_what_there_is) {
    const auto none = offered_tasks({task_named("a.b"), task_named("c.d")}, "x.*", {});
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, AllOf(HasSubstr("SHEAF_ONLY='x.*'"), HasSubstr("a.b, c.d")));
}

TEST(control_name, has_only_plain_characters_and_fits_into_64) {
    const std::string name =
        control_name("a host.with/odd characters and a long name", 4194304, 4095, ~std::uint64_t{0});
    EXPECT_LE(name.size(), 64U);
    EXPECT_THAT(name, MatchesRegex("sheaf\\.ctl\\.[A-Za-z0-9_-]+\\.4194304-4095\\.ffffffffffffffff"));
}

TEST(share_of_cores, is_one_at_least) {
    EXPECT_EQ(share_of_cores(8, 2), 4U);
    EXPECT_EQ(share_of_cores(8, 3), 2U);
    EXPECT_EQ(share_of_cores(2, 8), 1U);
    EXPECT_EQ(share_of_cores(0, 1), 1U);
}

TEST(slot_states, are_made_at_first_use_and_one_for_each_slot) {
    int made = 0;
    const int key = 0;
    const int other_key = 0;
    slot_states states({{&key, [&] { return std::make_shared<int>(++made); }}}, 2);
    EXPECT_EQ(made, 0);
    EXPECT_EQ(*static_cast<int*>(states.get(1, &key)), 1);
    EXPECT_EQ(*static_cast<int*>(states.get(0, &key)), 2);
    EXPECT_EQ(*static_cast<int*>(states.get(1, &key)), 1);
    EXPECT_EQ(states.get(0, &other_key), nullptr);
}

TEST(slot_states, are_tried_again_when_they_could_not_be_made) {
    bool works = false;
    const int key = 0;
    slot_states states({{&key,
                         [&]() -> std::shared_ptr<void> {
                             if (!works) throw std::runtime_error("not yet");
                             return std::make_shared<int>(5);
                         }}},
                       1);
    EXPECT_THROW((void)states.get(0, &key), std::runtime_error);
    works = true;
    EXPECT_EQ(*static_cast<int*>(states.get(0, &key)), 5);
}

}  // namespace
}  // namespace sheaf::detail
