// Samples of keys: bounded, and evenly spread over all that came.
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <sheaf/detail/sample_step.hpp>

namespace sheaf::detail {
namespace {

std::vector<std::string> sample_of(std::size_t keys, std::size_t keys_max) {
    key_sample sample(keys_max);
    for (std::size_t i = 0; i < keys; ++i) sample.take(std::to_string(i));
    EXPECT_EQ(sample.seen(), keys);
    return std::move(sample).keys();
}

TEST(key_sample, keeps_all_while_there_are_few) {
    EXPECT_EQ(sample_of(3, 10), (std::vector<std::string>{"0", "1", "2"}));
    EXPECT_EQ(sample_of(10, 10).size(), 10U);
}

TEST(key_sample, keeps_no_more_than_it_may_from_all_over) {
    for (const std::size_t keys : {11U, 25U, 1000U, 12345U}) {
        const std::vector<std::string> kept = sample_of(keys, 10);
        ASSERT_EQ(kept.size(), 10U) << keys;
        for (std::size_t i = 0; i < kept.size(); ++i) {
            const double wanted = static_cast<double>(i * keys) / 10;
            EXPECT_NEAR(std::stod(kept[i]), wanted, static_cast<double>(keys) / 4 + 1) << keys << " keys, sample " << i;
        }
    }
}

TEST(key_sample, reads_no_more_of_pieces_than_it_is_told) {
    sample_assignment what;
    what.bytes_max = 100;
    what.pieces.resize(3);
    for (input_piece& one : what.pieces) one.length = 80;
    what.pieces[1].indivisible = true;
    const map_assignment cut = assignment_for_sample(what);
    EXPECT_EQ(cut.pieces[0].length, 80U);
    EXPECT_EQ(cut.pieces[1].length, 80U) << "it cannot be cut";
    EXPECT_EQ(cut.pieces[2].length, 0U);
}

}  // namespace
}  // namespace sheaf::detail
