// What a connection of HTTP answers, by bytes, packets and time alone.
#include "server/http_exchange.hpp"

#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sheaf::server {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using protocol::packet_type;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::uint32_t body_max = 1000;

struct submitted {
    packet_type type;
    std::string function;
    std::string unique;
    std::string payload;
};

struct http_exchange_test : testing::Test, http_surroundings {
    void submit(const protocol::packet_view& packet) override {
        jobs.push_back(
            {packet.type, std::string(packet[0]), std::string(packet[1]), std::string(packet.share_data().view())});
    }
    protocol::output_buffer& wire() override { return out; }
    void close_after_flush(std::string reason) override { closed = reason; }
    void cut(std::string reason) override { closed = "at once: " + reason; }

    // What was written since the last time; it has been sent then.
    std::string sent() {
        std::string all;
        while (!out.empty()) {
            std::string_view piece;
            (void)out.gather({&piece, 1});
            all += piece;
            out.consume(piece.size());
        }
        exchange.drained(now);
        return all;
    }
    void say(std::string_view bytes) { exchange.received(bytes, now); }
    // The broker's words about job `handle`.
    void hear(packet_type type, std::string_view handle, std::string_view data = "") {
        protocol::packet_view packet;
        packet.type = type;
        packet.way = protocol::direction::response;
        packet.arguments[0] = handle;
        if (type == packet_type::error) packet.arguments[1] = data;
        packet.data = data;
        exchange.packet(packet, now);
    }
    std::string answer_to(std::string_view request) {
        say(request);
        return sent();
    }

    protocol::output_buffer out;
    std::vector<submitted> jobs;
    std::string closed = "no";
    http_exchange::instant now{http_exchange::time_point(1000s), std::chrono::system_clock::from_time_t(784111777)};
    http_exchange exchange{*this, body_max, now};
};

constexpr std::string_view post = "POST /reverse HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";

TEST_F(http_exchange_test, a_job_is_submitted_and_its_result_is_the_answer) {
    say(post);
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].type, packet_type::submit_job);
    EXPECT_EQ(jobs[0].function, "reverse");
    EXPECT_EQ(jobs[0].unique, "-") << "as gearmand's plugin has it";
    EXPECT_EQ(jobs[0].payload, "abc");
    hear(packet_type::job_created, "H:1");
    EXPECT_EQ(sent(), "") << "the answer is not known yet";
    hear(packet_type::work_complete, "H:1", "cba");
    EXPECT_EQ(
        sent(),
        "HTTP/1.1 200 OK\r\nServer: sheafd\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Gearman-Job-Handle: H:1\r\n"
        "X-Gearman-Command: WORK_COMPLETE\r\nContent-Type: application/octet-stream\r\n"
        "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nContent-Length: 3\r\n"
        "Connection: keep-alive\r\n\r\ncba");
    EXPECT_EQ(closed, "no");
}

TEST_F(http_exchange_test, header_fields_say_what_job_it_is) {
    struct {
        std::string fields;
        packet_type type;
        std::string unique;
    } const cases[] = {
        {"X-Gearman-Priority: high\r\n", packet_type::submit_job_high, "-"},
        {"X-Gearman-Priority: LOW\r\nX-Gearman-Unique: key 1\r\n", packet_type::submit_job_low, "key 1"},
        {"x-gearman-background: true\r\n", packet_type::submit_job_bg, "-"},
        {"X-Gearman-Background: True\r\nX-Gearman-Priority: high\r\n", packet_type::submit_job_high_bg, "-"},
        {"X-Gearman-Background: true\r\nX-Gearman-Priority: low\r\nX-Gearman-Unique: \r\n",
         packet_type::submit_job_low_bg, ""},
    };
    for (const auto& one : cases) {
        say("PUT /a%20b HTTP/1.1\r\nHost: x\r\n" + one.fields + "\r\n");
        ASSERT_FALSE(jobs.empty()) << sent();
        EXPECT_EQ(jobs.back().type, one.type);
        EXPECT_EQ(jobs.back().unique, one.unique);
        EXPECT_EQ(jobs.back().function, "a b");
        hear(packet_type::job_created, "H:1");
        hear(packet_type::work_complete, "H:1", "");
        EXPECT_THAT(sent(), StartsWith("HTTP/1.1 20"));
        jobs.clear();
    }
}

TEST_F(http_exchange_test, a_background_job_is_answered_when_it_was_taken) {
    say("POST /f HTTP/1.1\r\nHost: x\r\nX-Gearman-Background: true\r\nContent-Length: 0\r\n\r\n");
    hear(packet_type::job_created, "H:1");
    EXPECT_THAT(sent(), AllOf(StartsWith("HTTP/1.1 202 Accepted\r\n"), HasSubstr("X-Gearman-Job-Handle: H:1\r\n"),
                              HasSubstr("X-Gearman-Command: JOB_CREATED\r\n"), HasSubstr("Content-Length: 0\r\n")));
}

TEST_F(http_exchange_test, a_job_that_failed_is_no_success) {
    say(post);
    hear(packet_type::job_created, "H:1");
    hear(packet_type::work_fail, "H:1");
    EXPECT_THAT(sent(), AllOf(StartsWith("HTTP/1.1 500 "), HasSubstr("X-Gearman-Command: WORK_FAIL\r\n")));
    say(post);
    hear(packet_type::job_created, "H:2");
    hear(packet_type::work_exception, "H:2", "no such file");
    EXPECT_THAT(sent(), AllOf(StartsWith("HTTP/1.1 500 "), HasSubstr("X-Gearman-Job-Handle: H:2\r\n"),
                              HasSubstr("X-Gearman-Command: WORK_EXCEPTION\r\n"), EndsWith("\r\n\r\nno such file")));
}

TEST_F(http_exchange_test, what_the_broker_does_not_take_is_said) {
    say(post);
    hear(packet_type::error, "QUEUE_ERROR", "Job queue is full");
    EXPECT_THAT(sent(), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After"), EndsWith("Job queue is full\n")));
    say(post);
    hear(packet_type::error, "ARGUMENT_TOO_LARGE", "unique is too long");
    EXPECT_THAT(sent(), StartsWith("HTTP/1.1 400 "));
    say(post);
    hear(packet_type::error, "UNKNOWN_JOB", "No job has this handle");
    EXPECT_THAT(sent(), AllOf(StartsWith("HTTP/1.1 404 Not Found\r\n"), EndsWith("No job has this handle\n")));
    say(post);
    hear(packet_type::error, "RESULT_GONE", "too large to be kept");
    EXPECT_THAT(sent(), StartsWith("HTTP/1.1 410 Gone\r\n"));
}

TEST_F(http_exchange_test, data_is_streamed_in_chunks) {
    say(post);
    hear(packet_type::job_created, "H:1");
    hear(packet_type::work_data, "H:1", "first");
    EXPECT_THAT(sent(), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Transfer-Encoding: chunked\r\n"),
                              Not(HasSubstr("Content-Length")), EndsWith("\r\n\r\n5\r\nfirst\r\n")));
    hear(packet_type::work_data, "H:1", "");
    EXPECT_EQ(sent(), "") << "an empty chunk would be the end";
    hear(packet_type::work_data, "H:1", "second, longer");
    EXPECT_EQ(sent(), "e\r\nsecond, longer\r\n");
    hear(packet_type::work_complete, "H:1", "end");
    EXPECT_EQ(sent(), "3\r\nend\r\n0\r\n\r\n");
    EXPECT_THAT(answer_to("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 200 OK")) << "it goes on";
}

TEST_F(http_exchange_test, a_job_that_fails_within_its_answer_leaves_it_without_an_end) {
    say(post);
    hear(packet_type::job_created, "H:1");
    hear(packet_type::work_data, "H:1", "first");
    hear(packet_type::work_fail, "H:1");
    EXPECT_THAT(sent(), EndsWith("5\r\nfirst\r\n"));
    EXPECT_NE(closed, "no");
}

TEST_F(http_exchange_test, a_peer_that_does_not_know_chunks_gets_the_data_in_one_piece) {
    say("POST /f HTTP/1.0\r\nContent-Length: 1\r\n\r\nx");
    hear(packet_type::job_created, "H:1");
    hear(packet_type::work_data, "H:1", "first,");
    EXPECT_EQ(sent(), "");
    hear(packet_type::work_complete, "H:1", "last");
    EXPECT_THAT(sent(),
                AllOf(HasSubstr("Content-Length: 10\r\nConnection: close\r\n"), EndsWith("\r\n\r\nfirst,last")));
    EXPECT_NE(closed, "no");
}

TEST_F(http_exchange_test, head_runs_the_job_and_tells_of_the_answer_without_its_body) {
    say("HEAD /f HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_EQ(jobs.size(), 1U);
    hear(packet_type::job_created, "H:1");
    hear(packet_type::work_data, "H:1", "first");
    hear(packet_type::work_complete, "H:1", "end");
    EXPECT_THAT(sent(),
                AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 8\r\n"), EndsWith("\r\n\r\n")));
    say("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(jobs.size(), 1U) << "without a name there is no job";
    EXPECT_THAT(sent(), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 0\r\n")));
}

TEST_F(http_exchange_test, requests_that_come_at_once_are_served_one_after_the_other) {
    say(std::string(post) + "POST /second HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(jobs.size(), 1U);
    EXPECT_FALSE(exchange.wants_input());
    hear(packet_type::job_created, "H:1");
    hear(packet_type::work_complete, "H:1", "cba");
    EXPECT_EQ(jobs.size(), 1U) << "the first answer has not been sent";
    (void)sent();
    ASSERT_EQ(jobs.size(), 2U);
    EXPECT_EQ(jobs[1].function, "second");
    EXPECT_EQ(closed, "no");
    hear(packet_type::job_created, "H:2");
    hear(packet_type::work_complete, "H:2", "");
    EXPECT_THAT(sent(), HasSubstr("Connection: close"));
    EXPECT_NE(closed, "no");
}

TEST_F(http_exchange_test, fields_behind_the_body_mean_nothing) {
    say("POST /f HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: y\r\nX-Gearman-Priority: "
        "high\r\n\r\n");
    ASSERT_EQ(jobs.size(), 1U) << sent();
    EXPECT_EQ(jobs[0].type, packet_type::submit_job);
}

TEST_F(http_exchange_test, nothing_is_a_request_after_the_last_answer) {
    say("POST /f HTTP/1.0\r\nContent-Length: 0\r\n\r\nPOST /hidden HTTP/1.0\r\nContent-Length: 0\r\n\r\n");
    hear(packet_type::job_created, "H:1");
    hear(packet_type::work_complete, "H:1", "x");
    (void)sent();
    say("POST /more HTTP/1.0\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(jobs.size(), 1U);
}

TEST_F(http_exchange_test, a_request_may_come_byte_by_byte_and_in_chunks) {
    const std::string whole =
        "POST /f HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\n\r\n";
    for (int i = 0; i < 2; ++i) {
        for (const char c : whole) say({&c, 1});
        ASSERT_EQ(jobs.size(), static_cast<std::size_t>(i + 1));
        EXPECT_EQ(jobs.back().payload, "abcdefgh");
        hear(packet_type::job_created, "H:1");
        hear(packet_type::work_complete, "H:1", "");
        EXPECT_THAT(sent(), StartsWith("HTTP/1.1 200"));
    }
}

TEST_F(http_exchange_test, an_empty_body_may_come_in_pieces_of_its_last_chunk) {
    const std::string head = "POST /f HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string last = "0\r\n\r\n";
    for (std::size_t cut = 0; cut <= last.size(); ++cut) {
        say(head + last.substr(0, cut));
        for (const char c : last.substr(cut)) say({&c, 1});
        ASSERT_EQ(jobs.size(), cut + 1);
        EXPECT_EQ(jobs.back().payload, "");
        hear(packet_type::job_created, "H:1");
        hear(packet_type::work_complete, "H:1", "");
        EXPECT_THAT(sent(), StartsWith("HTTP/1.1 200"));
    }
}

TEST_F(http_exchange_test, a_peer_that_asks_whether_to_send_its_body_is_told_to) {
    say("POST /f HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(sent(), "HTTP/1.1 100 Continue\r\n\r\n");
    say("abc");
    EXPECT_EQ(jobs.size(), 1U);
}

TEST_F(http_exchange_test, what_is_not_served_is_refused_with_its_reason) {
    const std::string host = "Host: x\r\n";
    const struct {
        std::string request;
        std::string status;
    } cases[] = {
        {"POST / HTTP/1.1\r\n" + host + "\r\n", "404"},
        {"POST //// HTTP/1.1\r\n" + host + "\r\n", "404"},
        {"DELETE /f HTTP/1.1\r\n" + host + "\r\n", "405"},
        {"TRACE /f HTTP/1.1\r\n" + host + "\r\n", "405"},
        {"POST /f HTTP/1.1\r\n\r\n", "400"},
        {"POST /f HTTP/1.1\r\n" + host + host + "\r\n", "400"},
        {"POST /f HTTP/2.7\r\n" + host + "\r\n", "505"},
        {"POST /f?x=1 HTTP/1.1\r\n" + host + "\r\n", "400"},
        {"POST /f%0aSTATUS HTTP/1.1\r\n" + host + "\r\n", "400"},
        {"POST /f%00 HTTP/1.1\r\n" + host + "\r\n", "400"},
        {"POST /f%4 HTTP/1.1\r\n" + host + "\r\n", "400"},
        {"POST f HTTP/1.1\r\n" + host + "\r\n", "400"},
        {"POST /f HTTP/1.1\r\n" + host + "X-Gearman-Priority: urgent\r\n\r\n", "400"},
        {"POST /f HTTP/1.1\r\n" + host + "X-Gearman-Background: maybe\r\n\r\n", "400"},
        {"POST /f HTTP/1.1\r\n" + host + "X-Gearman-Unique: a\r\nX-Gearman-Unique: b\r\n\r\n", "400"},
        {"POST /f HTTP/1.1\r\n" + host + "Expect: wonders\r\n\r\n", "417"},
        {"GET /" + std::string(8001, 'f') + " HTTP/1.1\r\n" + host + "\r\n", "414"},
        {"nonsense\r\n\r\n", "400"},
        {std::string("\0REQ\0\0\0\x10", 8) + "\r\n\r\n", "400"},
    };
    for (const auto& one : cases) {
        SCOPED_TRACE(one.request.substr(0, 80));
        http_exchange fresh(*this, body_max, now);
        fresh.received(one.request, now);
        EXPECT_THAT(sent(), AllOf(StartsWith("HTTP/1.1 " + one.status + " "), HasSubstr("Connection: close")));
        EXPECT_TRUE(jobs.empty());
    }
}

// What another server in front of this one might read as two requests, or as one of another length.
TEST_F(http_exchange_test, a_length_in_doubt_is_refused) {
    const std::string start = "POST /f HTTP/1.1\r\nHost: x\r\n";
    const std::string hidden = "0\r\n\r\nPOST /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
    for (const std::string fields : {
             "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
             "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
             "Content-Length: 4\r\nContent-Length: 5\r\n",
             "Content-Length: +4\r\n",
             "Content-Length: 4, 4\r\n",
             "Content-Length: 0x4\r\n",
             "Content-Length: 99999999999999999999999\r\n",
             "Content-Length: -1\r\n",
             "Transfer-Encoding: chunked, identity\r\n",
             "Transfer-Encoding: xchunked\r\n",
             "Transfer-Encoding: gzip\r\n",
             "Transfer-Encoding : chunked\r\n",
         }) {
        SCOPED_TRACE(fields);
        http_exchange fresh(*this, body_max, now);
        fresh.received(start + fields + "\r\n" + hidden, now);
        EXPECT_THAT(sent(), AllOf(StartsWith("HTTP/1.1 "), Not(StartsWith("HTTP/1.1 2"))));
        EXPECT_TRUE(jobs.empty());
    }
    http_exchange old(*this, body_max, now);
    old.received("POST /f HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + hidden, now);
    EXPECT_THAT(sent(), StartsWith("HTTP/1.1 400 "));
    EXPECT_TRUE(jobs.empty());
}

TEST_F(http_exchange_test, heads_without_end_are_refused) {
    const std::string endless[] = {"GET /" + std::string(40'000, 'a'),
                                   "GET /f HTTP/1.1\r\nX: " + std::string(40'000, 'a'), [] {
                                       std::string fields = "GET /f HTTP/1.1\r\n";
                                       for (int i = 0; i < 4000; ++i) fields += "A: b\r\n";
                                       return fields;
                                   }()};
    for (const std::string& bytes : endless) {
        http_exchange fresh(*this, body_max, now);
        for (std::size_t at = 0; at < bytes.size() && out.empty(); at += 100)
            fresh.received(bytes.substr(at, 100), now);
        EXPECT_THAT(sent(), StartsWith("HTTP/1.1 431 "));
    }
}

TEST_F(http_exchange_test, bodies_above_the_limit_are_refused_before_they_have_come) {
    EXPECT_THAT(answer_to("POST /f HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
    http_exchange chunked(*this, body_max, now);
    chunked.received("POST /f HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", now);
    for (int i = 0; i < 20 && out.empty(); ++i) chunked.received("64\r\n" + std::string(100, 'x') + "\r\n", now);
    EXPECT_THAT(sent(), StartsWith("HTTP/1.1 413 "));
    EXPECT_TRUE(jobs.empty());
}

TEST_F(http_exchange_test, a_peer_that_sends_on_after_a_refusal_is_heard_for_a_while_only) {
    (void)answer_to("nonsense\r\n\r\n");
    EXPECT_TRUE(exchange.wants_input());
    EXPECT_EQ(closed, "no") << "what it has sent meanwhile would make the system drop the answer";
    for (std::size_t sent = 0; sent <= http_exchange::discard_bytes_max; sent += 65'536) say(std::string(65'536, 'x'));
    EXPECT_NE(closed, "no");
    closed = "no";
    http_exchange silent(*this, body_max, now);
    silent.received("nonsense\r\n\r\n", now);
    now.steady += http_exchange::discard_time;
    silent.tick(now);
    EXPECT_NE(closed, "no");
}

TEST_F(http_exchange_test, a_request_that_comes_too_slowly_is_given_up) {
    for (const char c : std::string_view("POST /f HTTP/1.1\r\nHost: xxxxxxxx")) {
        now.steady += 1s;
        exchange.tick(now);
        say({&c, 1});
        if (!out.empty()) break;
    }
    EXPECT_THAT(sent(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(http_exchange_test, a_large_body_may_take_its_time) {
    http_exchange large(*this, 10 << 20, now);
    large.received("POST /f HTTP/1.1\r\nHost: x\r\nContent-Length: 4194304\r\n\r\n", now);
    const std::string second(32 * 1024, 'x');
    for (int i = 0; i < 128; ++i) {
        now.steady += 1s;
        large.tick(now);
        large.received(second, now);
    }
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].payload.size(), 4U << 20);
}

TEST_F(http_exchange_test, an_idle_connection_is_closed_and_one_whose_job_runs_is_not) {
    say(post);
    EXPECT_EQ(exchange.deadline(), http_exchange::time_point::max());
    hear(packet_type::job_created, "H:1");
    hear(packet_type::work_complete, "H:1", "x");
    (void)sent();
    now.steady += http_exchange::idle_max;
    exchange.tick(now);
    EXPECT_NE(closed, "no");
}

TEST_F(http_exchange_test, a_peer_that_does_not_read_its_answer_is_cut_off) {
    say(post);
    hear(packet_type::job_created, "H:1");
    hear(packet_type::work_complete, "H:1", std::string(1 << 20, 'x'));
    now.steady += 60s;
    exchange.tick(now);
    EXPECT_EQ(closed, "no") << "a megabyte may take longer";
    now.steady += 60s;
    exchange.tick(now);
    EXPECT_THAT(closed, StartsWith("at once"));
}

TEST_F(http_exchange_test, packets_of_other_jobs_change_nothing) {
    hear(packet_type::work_complete, "H:0", "stray");
    say(post);
    hear(packet_type::job_created, "H:1");
    hear(packet_type::work_data, "H:0", "stray");
    hear(packet_type::work_complete, "H:0", "stray");
    hear(packet_type::work_status, "H:1");
    hear(packet_type::work_warning, "H:1", "careful");
    EXPECT_EQ(sent(), "");
    hear(packet_type::work_complete, "H:1", "own");
    EXPECT_THAT(sent(), EndsWith("\r\n\r\nown"));
}

}  // namespace
}  // namespace sheaf::server
