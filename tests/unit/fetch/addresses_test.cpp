// Addresses: of what users name, of what exchange servers have, and of ourselves.
#include <string>

#include <gtest/gtest.h>

#include "fetch/exchange_address.hpp"
#include "fetch/exchange_target.hpp"
#include "fetch/url.hpp"

namespace sheaf::fetch {
namespace {

TEST(url, has_its_parts) {
    EXPECT_EQ(*parse_url("http://example.org"), (url{false, "example.org", 80, "/"}));
    EXPECT_EQ(*parse_url("https://example.org:8443/a/b?c=d#e"), (url{true, "example.org", 8443, "/a/b?c=d"}));
    EXPECT_EQ(*parse_url("http://[fd00::5]:81?x"), (url{false, "fd00::5", 81, "/?x"}));
}

TEST(url, is_written_as_it_is_read) {
    for (const std::string text :
         {"http://example.org/", "https://example.org:444/x?y", "http://[::1]:81/z", "http://[::1]/"}) {
        EXPECT_EQ(to_string(*parse_url(text)), text);
    }
    EXPECT_EQ(origin_of("::1", 81), "http://[::1]:81");
}

TEST(url, that_would_break_a_request_line_is_refused) {
    for (const std::string text :
         {"ftp://example.org/", "http://", "http://:80/", "http://a b/", "http://a/\r\nX: y", "http://a:0/",
          "http://a:65536/", "http://[::1/", "http://[example]/", "http://name:word@example.org/"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
    EXPECT_FALSE(parse_url("http://a/" + std::string(9000, 'x')));
}

TEST(url, of_a_redirect_may_be_a_path_or_another_server) {
    const url from{true, "example.org", 8443, "/old"};
    EXPECT_EQ(to_string(*follow_redirect(from, "/new?x")), "https://example.org:8443/new?x");
    EXPECT_EQ(to_string(*follow_redirect(from, "//other/new")), "https://other/new");
    EXPECT_EQ(to_string(*follow_redirect(from, "http://other/new")), "http://other/new");
    EXPECT_FALSE(follow_redirect(from, "new"));
    EXPECT_FALSE(follow_redirect(from, ""));
}

TEST(exchange_target, names_a_run_a_file_or_an_input) {
    using kind = exchange_target::kind;
    EXPECT_EQ(*parse_target("/0af1"), (exchange_target{kind::run, "0af1", ""}));
    EXPECT_EQ(*parse_target("/0af1/map-3-1-x.y_z"), (exchange_target{kind::file, "0af1", "map-3-1-x.y_z"}));
    EXPECT_EQ(*parse_target("/0af1/input/2f612f2e2e"), (exchange_target{kind::input, "0af1", "/a/.."}));
    for (const std::string path : {"/0af1", "/0af1/map-1", "/0af1/input/2f61"})
        EXPECT_EQ(to_string(*parse_target(path)), path);
}

TEST(exchange_target, is_nothing_that_leads_out_of_a_run) {
    for (const std::string path : {"",
                                   "/",
                                   "//",
                                   "run",
                                   "/run/",
                                   "/run/..",
                                   "/run/.hidden",
                                   "/run/a/b",
                                   "/../run",
                                   "/run/a%2fb",
                                   "/run/a?b",
                                   "/run/a b",
                                   "/run/..%2f..",
                                   "/run/input/",
                                   "/run/input/2",
                                   "/run/input/zz",
                                   "/run/input/2F",
                                   "/ru n",
                                   "/run/a\\b",
                                   "http://host/run/a"}) {
        EXPECT_FALSE(parse_target(path)) << path;
    }
    EXPECT_FALSE(parse_target("/" + std::string(65, 'a')));
    EXPECT_FALSE(parse_target("/run/" + std::string(256, 'a')));
    EXPECT_FALSE(parse_target("/run/input/" + std::string(8194, 'a')));
    EXPECT_FALSE(parse_target(std::string("/run/a\0b", 8)));
}

TEST(exchange_address, is_a_host_with_or_without_a_port) {
    EXPECT_EQ(parse_exchange_address("10.0.0.5")->listen.port, 0);
    EXPECT_EQ(parse_exchange_address("10.0.0.5:4731")->listen.port, 4731);
    EXPECT_EQ(parse_exchange_address("[fd00::5]")->name, "fd00::5");
    EXPECT_EQ(parse_exchange_address("[fd00::5]:4731")->listen.port, 4731);
    for (const std::string text :
         {"", ":4731", "fd00::5", "host:", "host:x", "host:70000", "[::1", "a b", "http://host"}) {
        EXPECT_FALSE(parse_exchange_address(text)) << text;
    }
}

}  // namespace
}  // namespace sheaf::fetch
