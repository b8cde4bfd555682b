// What is swept of attempts that died, while others go on.
#include "map_reduce/dead_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scratch_directory.hpp"
#include <sheaf/detail/attempt.hpp>
#include <sheaf/detail/file.hpp>

namespace sheaf::detail {
namespace {

TEST(dead_files, are_those_of_the_attempt_and_those_in_the_making_that_nobody_holds) {
    const test::scratch_directory place;
    for (const char* name : {"map-3-1-abc", "map-3-1-abc.tmp", "map-3-2-abc", "map-13-1-abc", "spill-of-the-dead.tmp"})
        test::write_file(place / name, "x");
    const pending_file begun(place.path(), "map-4-1-of-the-living");
    pending_file sealed(place.path(), "spill-of-the-living");
    sealed.write("x");
    const std::string path = sealed.seal();
    remove_dead_files(place.path(), {attempt_file_prefix("map", 3, 1)});
    std::vector<std::string> left;
    for (const auto& one : std::filesystem::directory_iterator(place.path())) left.push_back(one.path().filename());
    EXPECT_THAT(left, testing::UnorderedElementsAre("map-3-2-abc", "map-13-1-abc", "map-4-1-of-the-living.tmp",
                                                    "spill-of-the-living.tmp"));
    EXPECT_EQ(test::read_file(path), "x");
}

}  // namespace
}  // namespace sheaf::detail
