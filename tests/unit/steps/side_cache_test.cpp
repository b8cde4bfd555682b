// Side data of runs: read and decoded once in a process, and only as it was written.
#include <memory>
#include <string>
#include <string_view>
#include <xxhash.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scratch_directory.hpp"
#include <sheaf/detail/side_cache.hpp>
#include <sheaf/runtime/error.hpp>

namespace sheaf::detail {
namespace {

side_reference reference_to(std::string_view text) {
    return {.file = "side", .size = text.size(), .checksum = XXH3_64bits(text.data(), text.size())};
}

struct side_cache : testing::Test {
    std::string get(const std::string& run, std::string_view text) {
        const auto decode = [this](std::string_view bytes) -> std::shared_ptr<const void> {
            ++decoded;
            return std::make_shared<const std::string>(bytes);
        };
        return *std::static_pointer_cast<const std::string>(
            cached_side_data(place / run, reference_to(text), typeid(std::string), decode));
    }
    test::scratch_directory place;
    int decoded = 0;
};

TEST_F(side_cache, decodes_what_a_run_has_once) {
    test::write_file(place / "a" / "side", "one");
    test::write_file(place / "b" / "side", "two");
    EXPECT_EQ(get("a", "one"), "one");
    EXPECT_EQ(get("b", "two"), "two");
    EXPECT_EQ(get("a", "one"), "one");
    EXPECT_EQ(get("b", "two"), "two");
    EXPECT_EQ(decoded, 2);
}

TEST_F(side_cache, does_not_take_what_is_missing_or_not_as_it_was_written) {
    test::write_file(place / "a" / "side", "onE");
    EXPECT_THROW(get("a", "one"), runtime_failure) << "it is damaged";
    EXPECT_THROW(get("a", "longer"), runtime_failure) << "it has another size";
    EXPECT_THROW(get("b", "one"), runtime_failure) << "it is not there";
    EXPECT_EQ(decoded, 0);
}

}  // namespace
}  // namespace sheaf::detail
