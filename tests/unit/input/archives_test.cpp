// gzip and zstd files: whatever the bytes, they end in content or in a sentence.

#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "input/byte_stream.hpp"
#include "support/random_text.hpp"
#include "unit/input/input_files.hpp"
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {
namespace {

using testing::HasSubstr;

std::string unpack(const std::string& packed, compression packing) {
    test::memory_reader from(packed);
    const auto stream = open_stream(from, 0, packed.size(), packing);
    std::string all;
    std::string part(1000, '\0');
    while (const std::size_t got = stream->read(part)) all.append(part, 0, got);
    EXPECT_EQ(stream->position(), packed.size());
    return all;
}

std::string pack(const std::string& content, compression packing) {
    return packing == compression::gzip ? test::gzipped(content) : test::zstandard(content);
}

struct archives : testing::TestWithParam<compression> {};

TEST_P(archives, give_what_went_in) {
    std::mt19937_64 random(3);
    for (const std::size_t size : {0U, 1U, 999U, 1000U, 300'000U}) {
        const std::string content = size == 0 ? "" : test::random_text(random, size);
        EXPECT_EQ(unpack(pack(content, GetParam()), GetParam()), content);
    }
}

TEST_P(archives, may_be_several_in_a_row) {
    EXPECT_EQ(unpack(pack("one ", GetParam()) + pack("", GetParam()) + pack("two", GetParam()), GetParam()), "one two");
}

TEST_P(archives, that_are_cut_short_are_refused_wherever_they_end) {
    const std::string packed = pack("some content that is packed", GetParam());
    for (std::size_t size = 1; size < packed.size(); ++size) {
        try {
            (void)unpack(packed.substr(0, size), GetParam());
            ADD_FAILURE() << "it was accepted at " << size;
        } catch (const unit_refused& why) {
            EXPECT_THAT(why.message, AllOf(HasSubstr("http://test/input"), HasSubstr("whole"))) << size;
        }
    }
}

TEST_P(archives, that_are_damaged_are_refused_or_unharmed) {
    const std::string content = "some content that is packed";
    const std::string packed = pack(content, GetParam());
    for (std::size_t i = 0; i < packed.size(); ++i) {
        std::string damaged = packed;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
        try {
            const std::string read = unpack(damaged, GetParam());
            // The time and the like are not protected; zstd's own content is, when it has a checksum, which ours has not.
            if (GetParam() == compression::gzip) {
                EXPECT_EQ(read, content) << i;
            }
        } catch (const unit_refused&) {
        }
    }
}

TEST_P(archives, what_is_none_is_refused_with_advice) {
    try {
        (void)unpack("plain text", GetParam());
        FAIL() << "it was accepted";
    } catch (const unit_refused& why) {
        EXPECT_THAT(why.message, HasSubstr("if its name misleads"));
    }
}

INSTANTIATE_TEST_SUITE_P(of, archives, testing::Values(compression::gzip, compression::zstd));

TEST(gzip_files, may_be_padded_with_zeros) {
    EXPECT_EQ(unpack(test::gzipped("x") + std::string(512, '\0'), compression::gzip), "x");
}

}  // namespace
}  // namespace sheaf::detail
