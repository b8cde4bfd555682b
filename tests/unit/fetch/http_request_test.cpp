// Requests, whole and in pieces, right and wrong.
#include "fetch/http_request.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace sheaf::fetch {
namespace {

using state = request_reader::state;

const std::string usual = "GET /run/file HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer s\r\nrange: bytes=1-2\r\n\r\n";

TEST(request_reader, reads_a_request_however_it_is_cut) {
    for (std::size_t cut = 1; cut < usual.size(); ++cut) {
        request_reader reader;
        ASSERT_EQ(reader.feed(usual.substr(0, cut)), cut);
        ASSERT_EQ(reader.now(), state::reading) << cut;
        EXPECT_TRUE(reader.has_begun());
        EXPECT_EQ(reader.feed(usual.substr(cut)), usual.size() - cut);
        ASSERT_EQ(reader.now(), state::complete) << cut;
        const http_request request = reader.take();
        EXPECT_EQ(request.target, "/run/file");
        EXPECT_EQ(request.authorization, "Bearer s");
        EXPECT_EQ(request.range, "bytes=1-2");
        EXPECT_TRUE(request.keep_alive);
    }
}

TEST(request_reader, takes_no_byte_of_the_next_request) {
    request_reader reader;
    const std::string two = usual + "HEAD /other HTTP/1.0\r\n\r\n";
    EXPECT_EQ(reader.feed(two), usual.size());
    (void)reader.take();
    EXPECT_FALSE(reader.has_begun());
    EXPECT_EQ(reader.feed(two.substr(usual.size())), two.size() - usual.size());
    const http_request second = reader.take();
    EXPECT_EQ(second.what, http_request::method::head);
    EXPECT_FALSE(second.keep_alive);
}

unsigned refused_with(const std::string& bytes) {
    request_reader reader;
    reader.feed(bytes);
    EXPECT_EQ(reader.now(), state::refused) << bytes.substr(0, 60);
    return reader.status();
}

TEST(request_reader, refuses_what_is_no_request) {
    EXPECT_EQ(refused_with("\x16\x03\x01 hello\r\n\r\n"), 400U);
    EXPECT_EQ(refused_with("GET /\r\n\r\n"), 400U);
    EXPECT_EQ(refused_with("GET / HTTP/1.1\r\nno colon\r\n\r\n"), 400U);
    EXPECT_EQ(refused_with("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400U);
}

TEST(request_reader, refuses_bodies) {
    EXPECT_EQ(refused_with("PUT /run HTTP/1.1\r\nContent-Length: 10\r\n\r\n"), 413U);
    EXPECT_EQ(refused_with("PUT /run HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 413U);
}

TEST(request_reader, holds_no_more_than_a_head) {
    const std::string line = "X: " + std::string(1000, 'x') + "\r\n";
    request_reader reader;
    reader.feed("GET / HTTP/1.1\r\n");
    for (int lines = 0; lines < 100 && reader.now() == state::reading; ++lines) reader.feed(line);
    EXPECT_EQ(reader.now(), state::refused);
    EXPECT_EQ(reader.status(), 431U);
    EXPECT_EQ(refused_with(std::string(100'000, 'a')), 431U);
    EXPECT_EQ(refused_with("GET /" + std::string(100'000, 'a')), 431U);
}

TEST(request_reader, ends_in_one_of_its_states_whatever_comes) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 chance(seed);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes = usual;
        for (int edits = 0; edits < 3; ++edits) bytes[chance() % bytes.size()] = static_cast<char>(chance());
        request_reader reader;
        for (std::string_view left = bytes; !left.empty() && reader.now() == state::reading;) {
            const std::size_t taken = reader.feed(left.substr(0, 1 + chance() % left.size()));
            ASSERT_GT(taken, 0U);
            left.remove_prefix(taken);
        }
        if (reader.now() == state::complete) (void)reader.take();
    }
}

}  // namespace
}  // namespace sheaf::fetch
