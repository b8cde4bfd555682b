// When the space of segments is given back.
#include "map_reduce/segment_space.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

using testing::Each;
using testing::ElementsAre;

struct freed_space {
    std::map<std::string, std::vector<std::uint32_t>> of;
    std::map<std::string, int> turns;
    bool works = true;

    segment_space::free_partitions taker() {
        return [this](const std::string& path, std::span<const std::uint32_t> partitions) {
            ++turns[path];
            of[path].insert(of[path].end(), partitions.begin(), partitions.end());
            return works;
        };
    }
};

TEST(segment_space, is_freed_of_everything_that_is_done_in_a_few_turns_of_each_file) {
    freed_space seen;
    segment_space space(100, seen.taker());
    const std::vector<std::string> files{"a", "b", "c"};
    for (std::uint32_t partition = 99; partition > 0; partition -= 3) {
        space.done(partition - 2, 3, files);
        for (const auto& [file, freed] : seen.of)
            EXPECT_THAT(freed, Each(testing::Ge(partition - 2))) << "only what is done";
    }
    for (const std::string& file : files) {
        EXPECT_GE(seen.of[file].size(), 80U) << "most is freed before the end";
        EXPECT_EQ(std::set(seen.of[file].begin(), seen.of[file].end()).size(), seen.of[file].size()) << "once each";
        EXPECT_LE(seen.turns[file], 8);
    }
}

TEST(segment_space, of_a_file_that_was_made_again_is_freed_of_all_that_is_done) {
    freed_space seen;
    segment_space space(16, seen.taker());
    space.done(3, 2, {"a"});
    space.done(5, 2, {"again"});
    EXPECT_THAT(seen.of["a"], ElementsAre(3, 4));
    EXPECT_THAT(seen.of["again"], ElementsAre(3, 4, 5, 6));
}

TEST(segment_space, is_left_alone_where_it_cannot_be_freed_and_when_everything_is_done) {
    freed_space seen;
    seen.works = false;
    segment_space space(8, seen.taker());
    for (std::uint32_t partition = 0; partition < 4; ++partition) space.done(partition, 1, {"a"});
    EXPECT_EQ(seen.turns["a"], 1);
    freed_space whole;
    segment_space(2, whole.taker()).done(0, 2, {"a"});
    EXPECT_TRUE(whole.turns.empty()) << "the file goes as a whole";
}

}  // namespace
}  // namespace sheaf::detail
