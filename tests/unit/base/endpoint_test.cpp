#include "sheaf/runtime/endpoint.hpp"

#include <string>

#include <gtest/gtest.h>

namespace {

using sheaf::endpoint;

struct good_case {
    const char* text;
    endpoint where;
    const char* canonical;
};

TEST(endpoint, every_way_to_write_an_address_is_read_and_written_back) {
    const good_case cases[] = {
        {"example.org", {"example.org", 4730, ""}, "example.org:4730"},
        {"example.org:80", {"example.org", 80, ""}, "example.org:80"},
        {":80", {"127.0.0.1", 80, ""}, "127.0.0.1:80"},
        {"127.0.0.1:0", {"127.0.0.1", 0, ""}, "127.0.0.1:0"},
        {"[::1]", {"::1", 4730, ""}, "[::1]:4730"},
        {"[::1]:65535", {"::1", 65535, ""}, "[::1]:65535"},
        {"unix:/run/sheaf.sock", {"", 4730, "/run/sheaf.sock"}, "unix:/run/sheaf.sock"},
    };
    for (const good_case& c : cases) {
        SCOPED_TRACE(c.text);
        const auto where = sheaf::parse_endpoint(c.text);
        ASSERT_TRUE(where);
        EXPECT_EQ(*where, c.where);
        EXPECT_EQ(to_string(*where), c.canonical);
        EXPECT_EQ(*sheaf::parse_endpoint(c.canonical), c.where);
    }
}

TEST(endpoint, what_is_no_address_is_refused_with_the_text_and_a_way_out) {
    const std::string too_long_path = "unix:/" + std::string(107, 'p');
    const std::string_view cases[] = {
        "",       "host:", "host:port", "host:65536", "host:-1",     "host:80x",        "::1",      "[::1", "[::1]4730",
        "[::1]:", "[]:80", "unix:",     ":",          too_long_path, {"unix:/a\0b", 9}, {"a\0b", 3}};
    for (const std::string_view text : cases) {
        SCOPED_TRACE(text);
        const auto where = sheaf::parse_endpoint(text);
        ASSERT_FALSE(where);
        EXPECT_EQ(where.error().code, sheaf::errc::invalid_argument);
        EXPECT_NE(where.error().message.find(text), std::string::npos);
        EXPECT_NE(where.error().message.find("Write host:port"), std::string::npos);
    }
}

TEST(endpoint, a_list_takes_commas_and_blanks_and_fails_as_a_whole) {
    const auto list = sheaf::parse_endpoints(" a:1, b:2\tunix:/c ,");
    ASSERT_TRUE(list);
    ASSERT_EQ(list->size(), 3U);
    EXPECT_EQ((*list)[1].host, "b");
    EXPECT_EQ((*list)[2].path, "/c");
    EXPECT_FALSE(sheaf::parse_endpoints("a:1,b:x"));
    EXPECT_FALSE(sheaf::parse_endpoints(" , "));
}

}  // namespace
