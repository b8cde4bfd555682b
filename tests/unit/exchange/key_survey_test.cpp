// Which keys are frequent, by a sample.
#include <gmock/gmock.h>

#include <sheaf/detail/key_survey.hpp>

namespace sheaf::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(key_survey, knows_the_keys_of_a_tenth_of_the_sample_or_more_among_any_number_of_others) {
    key_survey seen;
    for (int i = 0; i < 10'000; ++i) {
        seen.look_at(i % 2 == 0 ? "half" : std::to_string(i));
        if (i % 5 == 0) seen.look_at("sixth");
    }
    EXPECT_EQ(seen.looked_at(), 12'000U);
    ASSERT_THAT(seen.frequent(), testing::UnorderedElementsAre(Pair("half", testing::_), Pair("sixth", testing::_)));
    for (const auto& [key, times] : seen.frequent()) {
        const std::uint64_t really = key == "half" ? 5000 : 2000;
        EXPECT_LE(times, really) << key;
        EXPECT_GE(times, really - 12'000 / 33) << key;
    }
}

TEST(key_survey, knows_none_where_all_are_different) {
    key_survey seen;
    for (int i = 0; i < 1000; ++i) seen.look_at(std::to_string(i));
    EXPECT_THAT(seen.frequent(), IsEmpty());
}

TEST(key_survey, looks_at_one_record_of_1024_whether_they_come_alone_or_in_batches) {
    key_survey seen;
    short_batch<std::uint64_t> batch;
    for (batch.size = 0; batch.size < batch.capacity; ++batch.size) batch.items[batch.size].key = short_key::of("a", 1);
    for (std::size_t i = 0; i < 10 * 1024 / batch.capacity; ++i) seen.pass(batch);
    EXPECT_THAT(seen.frequent(), ElementsAre(Pair("a", 10)));
    for (int i = 0; i < 10 * 1024; ++i) seen.pass(std::string_view("a key that is longer than those in batches"));
    EXPECT_NEAR(static_cast<double>(seen.looked_at()), 20, 3);
}

TEST(key_survey, sees_every_key_of_an_input_that_repeats_itself) {
    key_survey seen;
    for (int i = 0; i < 1024 * 1024; ++i) seen.pass(std::string_view(i % 2 == 0 ? "even" : "odd"));
    ASSERT_EQ(seen.frequent().size(), 2U);
    for (const auto& [key, times] : seen.frequent()) EXPECT_NEAR(static_cast<double>(times), 512, 51) << key;
    EXPECT_NEAR(static_cast<double>(seen.looked_at()), 1024, 51);
}

TEST(key_survey, of_several_inputs_is_that_of_all) {
    key_survey left;
    key_survey right;
    for (int i = 0; i < 10; ++i) {
        left.look_at("both");
        right.look_at(i % 2 == 0 ? "both" : "right");
    }
    left.add(right);
    EXPECT_EQ(left.looked_at(), 20U);
    EXPECT_THAT(left.frequent(), testing::UnorderedElementsAre(Pair("both", 15), Pair("right", 5)));
}

}  // namespace
}  // namespace sheaf::detail
