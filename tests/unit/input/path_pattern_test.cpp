// Patterns of names.
#include "input/path_pattern.hpp"

#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

TEST(path_pattern, stars_and_question_marks_stand_for_bytes) {
    EXPECT_TRUE(fits("a.log", "*.log"));
    EXPECT_TRUE(fits("a.log", "?.l*"));
    EXPECT_TRUE(fits("aXbXc", "a*X*c"));
    EXPECT_TRUE(fits("abab", "*ab"));
    EXPECT_TRUE(fits("abc", "*abc*"));
    EXPECT_FALSE(fits("a.logs", "*.log"));
    EXPECT_FALSE(fits("", "?"));
    EXPECT_TRUE(fits("", "*"));
}

TEST(path_pattern, brackets_stand_for_one_of_their_bytes) {
    EXPECT_TRUE(fits("a5", "a[0-9]"));
    EXPECT_TRUE(fits("a]", "a[]]"));
    EXPECT_TRUE(fits("a-", "a[x-]"));
    EXPECT_TRUE(fits("ab", "a[!0-9]"));
    EXPECT_FALSE(fits("a5", "a[!0-9]"));
    EXPECT_FALSE(fits("ab", "a[0-9]"));
    EXPECT_TRUE(fits("a[", "a["));  // no end: itself
}

TEST(path_pattern, a_backslash_takes_what_follows_as_it_is) {
    EXPECT_TRUE(fits("a*", "a\\*"));
    EXPECT_FALSE(fits("ab", "a\\*"));
}

TEST(path_pattern, hidden_names_must_be_named) {
    EXPECT_FALSE(fits(".git", "*"));
    EXPECT_TRUE(fits(".git", ".g*"));
}

TEST(path_pattern, many_stars_take_no_time) {
    EXPECT_FALSE(fits(std::string(5'000, 'a'), std::string("*a*a*a*a*a*a*a*a*a*b")));
}

}  // namespace
}  // namespace sheaf::detail
