#include <string>

#include <gtest/gtest.h>

#include <sheaf/codec.hpp>
#include <sheaf/detail/envelope.hpp>

namespace {

using namespace std::chrono_literals;
using namespace sheaf::detail;
using sheaf::errc;
using sheaf::failure;
using sheaf::shared_bytes;

TEST(envelope, a_request_comes_back_as_it_was) {
    const auto bytes = write_request({.fingerprint = 0x0102030405060708,
                                      .call = 9,
                                      .attempts = 3,
                                      .tried = 4,
                                      .attempt_timeout = 1500ms,
                                      .heartbeat = 256ms,
                                      .announce = true},
                                     "args");
    EXPECT_EQ(bytes.view(),
              std::string_view("SF\1\2\x08\7\6\5\4\3\2\1\x09\0\0\0\0\0\0\0\3\0\4\0\xdc\5\0\0\0\1\0\0args", 36));
    const auto read = read_request(bytes.view());
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->fingerprint, 0x0102030405060708U);
    EXPECT_EQ(read->call, 9U);
    EXPECT_EQ(read->attempts, 3);
    EXPECT_EQ(read->tried, 4);
    EXPECT_EQ(read->attempt_timeout, 1500ms);
    EXPECT_EQ(read->heartbeat, 256ms);
    EXPECT_TRUE(read->announce);
    EXPECT_FALSE(read->pack);
    EXPECT_FALSE(read->background);
    EXPECT_EQ(read->arguments, "args");
    EXPECT_TRUE(read_request(write_request({.background = true}, "").view())->background);
}

TEST(envelope, numbers_out_of_range_are_brought_into_it) {
    EXPECT_EQ(read_request(write_request({.attempts = 0, .attempt_timeout = -1ms}, "").view())->attempts, 1);
    EXPECT_EQ(read_request(write_request({.attempt_timeout = -1ms}, "").view())->attempt_timeout, 0ms);
    EXPECT_EQ(read_request(write_request({.attempt_timeout = 24h * 365}, "").view())->attempt_timeout, 4294967295ms);
}

TEST(envelope, what_is_no_request_of_this_version_is_refused_with_the_reason) {
    const std::string good(write_request({}, "").view());
    for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(read_request(good.substr(0, size))) << size;
    const auto message = [&](std::size_t at, char value) {
        std::string changed = good;
        changed[at] = value;
        const auto read = read_request(changed);
        EXPECT_FALSE(read.has_value());
        return read ? std::string() : read.error().message;
    };
    EXPECT_NE(message(0, 'X').find("not in Sheaf's envelope"), std::string::npos);
    EXPECT_NE(message(2, 2).find("another version"), std::string::npos);
    EXPECT_NE(message(3, 8).find("does not know"), std::string::npos);
}

TEST(envelope, an_answer_comes_back_without_a_copy) {
    const shared_bytes bytes = write_answer("result");
    EXPECT_EQ(bytes.view(), std::string_view("SF\1\0result", 10));
    const auto read = read_answer(bytes);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->view(), "result");
    EXPECT_EQ(read->view().data(), bytes.view().data() + 4);
    EXPECT_TRUE(read_answer(write_answer("")).has_value());
    EXPECT_FALSE(read_answer(shared_bytes("SF\1")).has_value());
    EXPECT_FALSE(read_answer(shared_bytes("plain")).has_value());
}

TEST(envelope, an_answer_to_a_pack_is_not_one_to_a_call) {
    EXPECT_TRUE(read_answer(write_answer("r", true), true).has_value());
    EXPECT_FALSE(read_answer(write_answer("r", true)).has_value());
    EXPECT_FALSE(read_answer(write_answer("r"), true).has_value());
}

TEST(envelope, notices_come_back_as_they_were_or_are_refused) {
    const shared_bytes seventh = write_chunk(7, "piece");
    const auto chunk = read_notice(seventh);
    ASSERT_TRUE(chunk && chunk->chunk);
    EXPECT_EQ(chunk->number, 7U);
    EXPECT_EQ(chunk->chunk->view(), "piece");
    const shared_bytes alive = write_sign_of_life({.control = "sheaf.ctl.a", .attempt = 2});
    const auto heard = read_notice(alive);
    ASSERT_TRUE(heard.has_value());
    EXPECT_FALSE(heard->chunk.has_value());
    EXPECT_EQ(heard->alive.control, "sheaf.ctl.a");
    EXPECT_EQ(heard->alive.attempt, 2U);
    for (std::size_t size = 0; size < alive.size(); ++size) {
        EXPECT_FALSE(read_notice(shared_bytes(alive.view().substr(0, size)))) << size;
    }
    for (std::size_t size = 0; size < 12; ++size)
        EXPECT_FALSE(read_notice(shared_bytes(seventh.view().substr(0, size))));
    EXPECT_FALSE(read_notice(shared_bytes("SN\1\2")));
}

failure full_failure() {
    return {.code = errc::worker_lost,
            .message = "m",
            .task = "t",
            .worker = "host/12",
            .attempt = 2,
            .signal = 11,
            .causes = {"a", "b"},
            .typed_index = 1,
            .typed_fields = std::string("\0x", 2),
            .clock = sheaf::call_clock::heartbeat,
            .last_lines = {"terminate called", ""}};
}

TEST(envelope, a_failure_comes_back_as_it_was) {
    const failure sent = full_failure();
    const failure read = read_failure(write_failure(sent).view());
    EXPECT_EQ(read.code, sent.code);
    EXPECT_EQ(read.message, sent.message);
    EXPECT_EQ(read.task, sent.task);
    EXPECT_EQ(read.worker, sent.worker);
    EXPECT_EQ(read.attempt, sent.attempt);
    EXPECT_EQ(read.signal, sent.signal);
    EXPECT_EQ(read.causes, sent.causes);
    EXPECT_EQ(read.typed_index, sent.typed_index);
    EXPECT_EQ(read.typed_fields, sent.typed_fields);
    EXPECT_EQ(read.clock, sent.clock);
    EXPECT_EQ(read.last_lines, sent.last_lines);
}

TEST(envelope, an_exception_of_another_kind_of_worker_is_its_text) {
    const std::string report(write_failure(full_failure()).view());
    for (const std::string& text : {std::string("Traceback"), std::string(), report.substr(0, report.size() - 1),
                                    report + "x", std::string("SX\1\0", 4)}) {
        const failure read = read_failure(text);
        EXPECT_EQ(read.code, errc::remote_exception);
        EXPECT_EQ(read.message, text);
    }
}

TEST(envelope, a_code_from_the_future_is_a_remote_exception) {
    std::string report(write_failure(full_failure()).view());
    report[4] = 100;
    const failure read = read_failure(report);
    EXPECT_EQ(read.code, errc::remote_exception);
    EXPECT_EQ(read.message, "m");
}

TEST(envelope, long_texts_are_shortened_before_they_are_sent) {
    failure why;
    why.message = std::string(1 << 20, 'm');
    why.causes.assign(100, std::string(10'000, 'c'));
    const auto bytes = write_failure(why);
    EXPECT_LT(bytes.size(), 100'000U);
    EXPECT_TRUE(read_failure(bytes.view()).message.ends_with("m..."));
}

}  // namespace
