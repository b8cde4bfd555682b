// Several calls in one job: their bytes, and how they are run.
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <sheaf/detail/binding.hpp>
#include <sheaf/detail/envelope.hpp>
#include <sheaf/detail/pack.hpp>

namespace {

using namespace std::chrono_literals;
using sheaf::errc;
using namespace sheaf::detail;

using square_task = sheaf::task<"square", long(int)>;

class fake_invocation final : public invocation {
  public:
    [[nodiscard]] std::stop_token stop_token() const override { return stop.get_token(); }
    [[nodiscard]] unsigned attempt() const override { return 2; }
    [[nodiscard]] std::string_view handle() const override { return "H:host:1"; }
    void progress(std::uint64_t, std::uint64_t) override { ADD_FAILURE() << "a pack has no progress"; }
    void warn(std::string_view) override {}
    void send_chunk(std::string_view) override {}
    void lend_slot() override {}
    void take_slot_back() noexcept override {}

    std::stop_source stop;
};

std::string pack_of(const std::vector<std::string>& calls) {
    std::string body;
    pack_writer writer;
    pack_writer::start(body);
    for (const std::string& one : calls) {
        writer.begin_call(body) += one;
        writer.end_call(body);
    }
    pack_writer::finish(body, static_cast<std::uint32_t>(calls.size()));
    return body;
}

std::string numbers(int count) {
    std::vector<std::string> calls;
    for (int i = 0; i < count; ++i) calls.push_back(sheaf::encode(i));
    return pack_of(calls);
}

TEST(pack, calls_are_read_as_they_were_written) {
    std::string body = "what was in the buffer";
    pack_writer writer;
    pack_writer::start(body);
    writer.begin_call(body) += "first";
    writer.end_call(body);
    writer.begin_call(body) += "half of a ca";
    writer.abandon_call(body);
    (void)writer.begin_call(body);
    writer.end_call(body);
    pack_writer::finish(body, 2);
    auto read = pack_reader::open(body);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->left(), 2U);
    EXPECT_EQ(read->next(), "first");
    EXPECT_EQ(read->next(), "");
    EXPECT_EQ(read->left(), 0U);
}

TEST(pack, each_call_has_an_end_of_its_own) {
    const binding task = make_binding<square_task>([](sheaf::context& context, int n) -> long {
        context.progress(1, 2);
        if (n == 1) throw std::runtime_error("one is refused");
        return long{n} * n;
    });
    fake_invocation in;
    const auto body = run_pack(task, in, pack_of({sheaf::encode(3), sheaf::encode(1), "x"}), "host/7");
    ASSERT_TRUE(body.has_value());
    auto answer = pack_answer::open(*body, 3);
    ASSERT_TRUE(answer.has_value());
    auto entry = answer->next();
    EXPECT_EQ(entry.status, pack_status::result);
    EXPECT_EQ(sheaf::decode<long>(entry.bytes), 9);
    entry = answer->next();
    EXPECT_EQ(entry.status, pack_status::failure);
    const auto thrown = read_failure(entry.bytes);
    EXPECT_EQ(thrown.code, errc::remote_exception);
    EXPECT_EQ(thrown.message, "one is refused");
    EXPECT_EQ(thrown.task, "square");
    EXPECT_EQ(thrown.worker, "host/7");
    EXPECT_EQ(thrown.attempt, 2U);
    entry = answer->next();
    EXPECT_EQ(entry.status, pack_status::failure);
    EXPECT_EQ(read_failure(entry.bytes).code, errc::malformed);
}

/// How many calls of `count` are run when the pack may take so much, and the third one asks to stop if `stops`.
int calls_run(int count, const pack_limits& limits, bool stops = false) {
    fake_invocation in;
    int run = 0;
    const binding task = make_binding<square_task>([&](int n) {
        if (stops && n == 2) in.stop.request_stop();
        ++run;
        return long{n};
    });
    const auto body = run_pack(task, in, numbers(count), "host/7", limits);
    auto answer = pack_answer::open(*body, static_cast<std::uint32_t>(count));
    for (int i = 0; i < count; ++i) {
        EXPECT_EQ(answer->next().status, i < run ? pack_status::result : pack_status::not_run);
    }
    return run;
}

TEST(pack, what_is_not_begun_when_the_limits_are_reached_is_given_back) {
    EXPECT_EQ(calls_run(100, {}), 100);
    EXPECT_EQ(calls_run(100, {.answer_bytes = 8 + 2 * 13}), 2);
    EXPECT_EQ(calls_run(100, {.time = 0ms}), 0) << "the next pack, or worker, may have the time";
    EXPECT_EQ(calls_run(100, {}, true), 3);
}

TEST(pack, bytes_that_are_no_pack_run_nothing) {
    const std::string whole = numbers(3);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(pack_reader::open(whole.substr(0, size)).has_value()) << size;
    }
    EXPECT_FALSE(pack_reader::open(whole + "x").has_value());
    for (const std::size_t place : {0U, 4U, 12U}) {
        std::string lying = whole;
        lying[place + 3] = '\xff';
        EXPECT_FALSE(pack_reader::open(lying).has_value()) << place;
    }
    EXPECT_EQ(pack_reader::open(whole.substr(0, 2)).error().code, errc::malformed);
    EXPECT_FALSE(pack_reader::open(numbers(pack_calls_max + 1)).has_value());
    fake_invocation in;
    const binding task = make_binding<square_task>([](int n) {
        ADD_FAILURE() << "it was run";
        return long{n};
    });
    EXPECT_EQ(run_pack(task, in, whole + "x", "host/7").error().code, errc::malformed);
}

TEST(pack, bytes_that_are_no_answer_are_malformed) {
    const binding task = make_binding<square_task>([](int n) { return long{n}; });
    fake_invocation in;
    const std::string whole = *run_pack(task, in, numbers(3), "host/7");
    ASSERT_TRUE(pack_answer::open(whole, 3).has_value());
    EXPECT_FALSE(pack_answer::open(whole, 2).has_value());
    EXPECT_FALSE(pack_answer::open(whole, 4).has_value());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(pack_answer::open(whole.substr(0, size), 3).has_value()) << size;
    }
    std::string unknown = whole;
    unknown[8] = 3;
    EXPECT_FALSE(pack_answer::open(unknown, 3).has_value());
}

}  // namespace
