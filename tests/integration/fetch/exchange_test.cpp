// An exchange server and its readers, on the loopback interface.
#include <chrono>
#include <memory>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fetch/credentials.hpp"
#include "fetch/exchange_server.hpp"
#include "fetch/http_reader.hpp"
#include "http_peer.hpp"
#include "support/scratch_directory.hpp"
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::fetch {
namespace {

using namespace std::chrono_literals;
using detail::unit_refused;
using testing::HasSubstr;
using testing::StartsWith;

std::string some_bytes(std::size_t size) {
    std::mt19937 chance(7);
    std::string bytes(size, '\0');
    for (char& one : bytes) one = static_cast<char>(chance());
    return bytes;
}

class exchange_test : public testing::Test {
  protected:
    exchange_test() {
        test::write_file(place_ / "map-1", content_);
        shelf_.put("run", {secret_, open_directory(place_.path()), {}});
        start({});
    }

    void start(exchange_server_options how) {
        how.listen.host = "127.0.0.1";
        how.listen.port = port_;
        server_ = nullptr;
        server_ = std::make_unique<exchange_server>(shelf_, how);
        port_ = parse_url(server_->origin() + "/")->port;
    }

    [[nodiscard]] std::unique_ptr<http_reader> open(const std::string& name, std::string secret = {}) {
        remote_terms terms;
        terms.authorization = bearer(secret.empty() ? secret_ : secret);
        return std::make_unique<http_reader>(client_, *parse_url(server_->origin() + "/run/" + name), terms);
    }
    [[nodiscard]] static std::string read(http_reader& from, std::uint64_t offset, std::size_t length) {
        std::string bytes(length, '\0');
        bytes.resize(from.read_at(offset, bytes));
        return bytes;
    }
    [[nodiscard]] std::string request(const std::string& first_line) const {
        return first_line + " HTTP/1.1\r\nAuthorization: " + bearer(secret_) + "\r\n\r\n";
    }

    test::scratch_directory place_;
    const std::string content_ = some_bytes((5 << 20) + 7);
    const std::string secret_ = make_secret();
    std::uint16_t port_ = 0;
    run_shelf shelf_;
    http_client client_;
    std::unique_ptr<exchange_server> server_;
};

TEST_F(exchange_test, a_file_is_read_at_any_place) {
    const auto file = open("map-1");
    EXPECT_EQ(file->size(), content_.size());
    EXPECT_TRUE(file->tag().starts_with('"' + std::to_string(content_.size()) + '-')) << file->tag();
    std::mt19937 chance(3);
    for (int reads = 0; reads < 100; ++reads) {
        const std::size_t offset = chance() % content_.size();
        const std::size_t length = chance() % 100'000;
        ASSERT_EQ(read(*file, offset, length), content_.substr(offset, length));
    }
    EXPECT_EQ(read(*file, content_.size(), 10), "");
    EXPECT_EQ(read(*file, content_.size() - 3, 10), content_.substr(content_.size() - 3));
}

TEST_F(exchange_test, what_is_expected_is_read_from_several_places_in_turn) {
    const auto file = open("map-1");
    const std::size_t half = content_.size() / 2;
    file->expect_reads(0, half);
    file->expect_reads(half, content_.size() - half);
    for (std::size_t at = 0; at < half; at += 50'000) {
        const std::size_t length = std::min<std::size_t>(50'000, half - at);
        ASSERT_EQ(read(*file, at, length), content_.substr(at, length));
        ASSERT_EQ(read(*file, half + at, length), content_.substr(half + at, length));
    }
}

TEST_F(exchange_test, a_file_that_changes_is_refused) {
    const auto file = open("map-1");
    (void)read(*file, 100'000, 10);
    test::write_file(place_ / "map-1", content_ + "more");
    EXPECT_THROW((void)read(*file, 3'000'000, 10), unit_refused);
}

TEST_F(exchange_test, a_file_that_is_not_there_is_refused_at_once) {
    EXPECT_THROW((void)open("map-2"), unit_refused);
    EXPECT_THROW((void)open("map-1", make_secret()), unit_refused);
}

TEST_F(exchange_test, a_server_that_comes_back_goes_unnoticed) {
    const auto file = open("map-1");
    (void)read(*file, 1'000'000, 10);
    start({});
    EXPECT_EQ(read(*file, 2'000'000, 10), content_.substr(2'000'000, 10));
}

TEST_F(exchange_test, an_empty_file_has_no_bytes) {
    test::write_file(place_ / "map-0", "");
    const auto file = open("map-0");
    EXPECT_EQ(file->size(), 0U);
    EXPECT_EQ(read(*file, 0, 10), "");
}

TEST_F(exchange_test, requests_in_a_row_are_answered_in_a_row) {
    const std::string both = request("HEAD /run") + request("HEAD /run/map-1") + request("GET /run/map-9");
    const std::string came = test::talk_to(port_, both, "404");
    EXPECT_THAT(came, StartsWith("HTTP/1.1 204 "));
    EXPECT_THAT(came, HasSubstr("Content-Length: " + std::to_string(content_.size())));
}

TEST_F(exchange_test, garbage_is_answered_and_the_connection_closed) {
    EXPECT_THAT(test::talk_to(port_, "\x16\x03\x01\x02\x03\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(test::talk_to(port_, "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x')), StartsWith("HTTP/1.1 431 "));
}

TEST_F(exchange_test, who_takes_too_long_is_cut_off) {
    start({.head_max = 10ms});
    EXPECT_EQ(test::talk_to(port_, "GET /run HTTP/1.1\r\n"), "");
    EXPECT_EQ(test::talk_to(port_, ""), "");
}

TEST_F(exchange_test, who_is_one_too_many_is_turned_away) {
    start({.connections_max = 1});
    const auto file = open("map-1");  // keeps its connection
    EXPECT_EQ(test::talk_to(port_, request("HEAD /run")), "");
    EXPECT_EQ(read(*file, 2'000'000, 10), content_.substr(2'000'000, 10));
}

}  // namespace
}  // namespace sheaf::fetch
