// What servers of others do to those who read from them.
#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "fetch/byte_range.hpp"
#include "fetch/fetch_failure.hpp"
#include "fetch/http_reader.hpp"
#include "http_peer.hpp"
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::fetch {
namespace {

using namespace std::chrono_literals;
using answer = test::scripted_server::answer;
using detail::unit_refused;

std::string numbered_lines() {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += std::to_string(i) + "\n";
    return text;
}

const std::string content = numbered_lines();

std::string header(const std::string& request, const std::string& name) {
    const auto at = request.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + 4 + name.size();
    return request.substr(begin, request.find('\r', begin) - begin);
}

answer part_for(const std::string& request, const std::string& more = {}) {
    const range_choice choice = choose_range(header(request, "Range"), content.size());
    return {"HTTP/1.1 206 Partial Content\r\nContent-Length: " + std::to_string(choice.part.length) +
            "\r\nContent-Range: " + content_range_header(choice.part, content.size()) + "\r\n" + more + "\r\n" +
            content.substr(choice.part.offset, choice.part.length)};
}

std::unique_ptr<http_reader> open(http_client& by, const std::string& address, transport_terms how = {}) {
    return std::make_unique<http_reader>(by, *parse_url(address), remote_terms{.transport = how, .attempts_max = 3});
}

std::string read_all(http_reader& from, std::size_t at_a_time = 10'000) {
    std::string all;
    from.expect_reads(0, from.size());
    std::string some(at_a_time, '\0');
    while (const std::size_t came = from.read_at(all.size(), some)) all.append(some, 0, came);
    return all;
}

TEST(strange_servers, without_ranges_are_read_from_front_to_back) {
    test::scripted_server server([](const std::string&) {
        return answer{"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(content.size()) + "\r\n\r\n" + content,
                      true};
    });
    http_client client;
    const auto file = open(client, server.address());
    EXPECT_EQ(read_all(*file), content);
    EXPECT_LE(server.requests(), 2);
    std::string back(5, '\0');
    EXPECT_EQ(file->read_at(50'000, back), 5U);
    EXPECT_EQ(back, content.substr(50'000, 5));
}

TEST(strange_servers, may_send_in_chunks) {
    test::scripted_server server([](const std::string& request) {
        const range_choice choice = choose_range(header(request, "Range"), content.size());
        std::string body;
        for (std::uint64_t done = 0; done < choice.part.length; done += 4096) {
            const std::string piece =
                content.substr(choice.part.offset + done, std::min<std::uint64_t>(4096, choice.part.length - done));
            char size[16];
            std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
            body += size + piece + "\r\n";
        }
        return answer{"HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked\r\nContent-Range: " +
                      content_range_header(choice.part, content.size()) + "\r\n\r\n" + body + "0\r\n\r\n"};
    });
    http_client client;
    EXPECT_EQ(read_all(*open(client, server.address())), content);
}

TEST(strange_servers, may_redirect_but_not_for_ever) {
    test::scripted_server server([](const std::string& request) {
        if (request.starts_with("GET /there ")) return part_for(request);
        const std::string where = request.starts_with("GET /round ") ? "/round" : "/there";
        return answer{"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + where + "\r\n\r\n"};
    });
    http_client client;
    EXPECT_EQ(read_all(*open(client, server.address("/here"))), content);
    EXPECT_THROW((void)open(client, server.address("/round")), unit_refused);
}

TEST(strange_servers, that_fail_in_passing_are_asked_again) {
    std::atomic<int> asked{0};
    test::scripted_server server([&](const std::string& request) {
        const int now = ++asked;
        if (now % 3 == 0) return answer{"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"};
        answer whole = part_for(request);
        if (now % 3 == 2) whole = {whole.bytes.substr(0, whole.bytes.size() / 2), true};  // cut in the middle
        return whole;
    });
    http_client client;
    EXPECT_EQ(read_all(*open(client, server.address())), content);
}

TEST(strange_servers, that_never_get_better_are_given_up) {
    test::scripted_server server(
        [](const std::string&) { return answer{"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"}; });
    http_client client;
    EXPECT_THROW((void)open(client, server.address()), fetch_failure);
    EXPECT_EQ(server.requests(), 3);
}

TEST(strange_servers, that_say_nothing_are_not_waited_for) {
    test::scripted_server server([](const std::string&) { return answer{.bytes = {}, .hang = true}; });
    http_client client;
    EXPECT_THROW((void)open(client, server.address(), {.stall_max = 20ms}), fetch_failure);

    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW((void)open(client, server.address(), {.stop = stop.get_token()}), fetch_failure);
}

TEST(strange_servers, whose_answers_contradict_each_other_are_refused) {
    std::atomic<int> asked{0};
    http_client client;
    test::scripted_server changing([&](const std::string& request) {
        return part_for(request, "ETag: \"" + std::to_string(asked++ < 1) + "\"\r\n");
    });
    const auto changed = open(client, changing.address());
    EXPECT_THROW((void)read_all(*changed), unit_refused);

    test::scripted_server shifting([&](const std::string& request) {
        return header(request, "Range").starts_with("bytes=0-") ? part_for(request)
                                                                : part_for("\r\nRange: bytes=1-1000\r\n");
    });
    const auto shifted = open(client, shifting.address());
    EXPECT_THROW((void)read_all(*shifted), unit_refused);

    test::scripted_server endless([](const std::string&) { return answer{"HTTP/1.1 200 OK\r\n\r\nwho knows", true}; });
    EXPECT_THROW((void)open(client, endless.address()), unit_refused);
    test::scripted_server silly([](const std::string&) { return answer{"220 mail.example.org\r\n\r\n", true}; });
    EXPECT_THROW((void)open(client, silly.address()), unit_refused);
}

}  // namespace
}  // namespace sheaf::fetch
