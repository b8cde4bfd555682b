// The ranges of RFC 9110, and what is none of them.
#include "fetch/byte_range.hpp"

#include <string>

#include <gtest/gtest.h>

namespace sheaf::fetch {
namespace {

using kind = range_choice::kind;

void expect_part(const std::string& header, std::uint64_t offset, std::uint64_t length) {
    EXPECT_EQ(choose_range(header, 100), (range_choice{kind::part, {offset, length}})) << header;
}

TEST(byte_range, is_cut_to_what_there_is) {
    expect_part("bytes=0-0", 0, 1);
    expect_part("bytes=10-19", 10, 10);
    expect_part("bytes=90-", 90, 10);
    expect_part("bytes=90-1000", 90, 10);
    expect_part("bytes=0-18446744073709551615", 0, 100);
    expect_part("bytes=-10", 90, 10);
    expect_part("bytes=-1000", 0, 100);
}

TEST(byte_range, beyond_the_end_is_unsatisfiable) {
    for (const std::string header : {"bytes=100-", "bytes=100-200", "bytes=-0"}) {
        EXPECT_EQ(choose_range(header, 100).what, kind::unsatisfiable) << header;
    }
    EXPECT_EQ(choose_range("bytes=0-", 0).what, kind::unsatisfiable);
    EXPECT_EQ(choose_range("bytes=-5", 0).what, kind::unsatisfiable);
}

TEST(byte_range, that_is_none_or_several_counts_as_not_given) {
    for (const std::string header :
         {"", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=a-b", "bytes= 1-2", "bytes=1-2,4-5", "bytes=-5-7",
          "lines=1-2", "bytes=18446744073709551616-", "bytes=+1-2"}) {
        EXPECT_EQ(choose_range(header, 100), (range_choice{kind::whole, {0, 100}})) << header;
    }
}

TEST(byte_range, is_asked_for_and_answered_in_the_same_terms) {
    EXPECT_EQ(range_header({10, 5}), "bytes=10-14");
    EXPECT_EQ(content_range_header({10, 5}, 100), "bytes 10-14/100");
    EXPECT_EQ(parse_content_range("bytes 10-14/100"), (content_range{{10, 5}, 100}));
    EXPECT_EQ(parse_content_range(content_range_header({}, 7)), (content_range{{0, 0}, 7}));
    for (const std::string header : {"", "bytes 10-14", "bytes 10-14/*", "bytes 14-10/100", "bytes 10-100/100",
                                     "bytes=10-14/100", "bytes x-14/100", "bytes */*"}) {
        EXPECT_FALSE(parse_content_range(header)) << header;
    }
}

}  // namespace
}  // namespace sheaf::fetch
