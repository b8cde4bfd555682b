#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <sheaf/detail/binding.hpp>
#include <sheaf/detail/envelope.hpp>

namespace {

using sheaf::encode;
using sheaf::errc;
using sheaf::failure;
using sheaf::detail::make_binding;
using sheaf::detail::read_failure;
using sheaf::detail::throw_as_declared;
using sheaf::detail::write_failure;

struct unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
    int err = 0;
    std::string path{};
    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(err), CEREAL_NVP(path));
    }
};
struct not_found : unreadable {
    using unreadable::unreadable;
};
struct too_late : std::logic_error {
    using std::logic_error::logic_error;
};

// The base class stands before the class.
using errors = sheaf::throws<unreadable, not_found, too_late>;
using stats_task = sheaf::task<"stats", int(std::string, int), errors>;

class fake_invocation final : public sheaf::detail::invocation {
  public:
    std::vector<std::string> heard;
    std::vector<std::string> chunks;

    [[nodiscard]] std::stop_token stop_token() const override { return stop_.get_token(); }
    [[nodiscard]] unsigned attempt() const override { return 3; }
    [[nodiscard]] std::string_view handle() const override { return "H:host:1"; }
    void progress(std::uint64_t done, std::uint64_t total) override {
        heard.push_back(std::to_string(done) + "/" + std::to_string(total));
    }
    void warn(std::string_view text) override { heard.emplace_back(text); }
    void send_chunk(std::string_view encoded) override { chunks.emplace_back(encoded); }
    void lend_slot() override {}
    void take_slot_back() noexcept override {}
    void stop() { stop_.request_stop(); }

  private:
    std::stop_source stop_;
};

std::string arguments(std::string text, int number) { return encode(std::tuple{std::move(text), number}); }

/// What `handler` makes of a call that it answers with an exception, seen from the caller's side of the wire.
template <class Handler>
failure failure_of(Handler handler) {
    fake_invocation call;
    const auto outcome = make_binding<stats_task>(std::move(handler)).run(call, arguments("a", 1));
    EXPECT_FALSE(outcome.has_value());
    return read_failure(write_failure(outcome.error()).view());
}

TEST(binding, decodes_calls_and_encodes) {
    fake_invocation call;
    const auto bound = make_binding<stats_task>([](const std::string& text, int n) { return int(text.size()) + n; });
    EXPECT_EQ(bound.name, "stats");
    EXPECT_EQ(bound.schema, sheaf::schema<stats_task>().text);
    EXPECT_EQ(bound.fingerprint, sheaf::schema<stats_task>().fingerprint);
    EXPECT_EQ(bound.form, sheaf::detail::wire_form::enveloped);
    const auto outcome = bound.run(call, arguments("four", 5));
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(sheaf::decode<int>(*outcome), 9);
}

TEST(binding, a_context_is_passed_to_a_handler_that_takes_one) {
    fake_invocation call;
    const auto bound = make_binding<stats_task>([](sheaf::context& context, std::string, int) {
        context.progress(1, 2);
        context.warn(context.handle());
        return context.stop_requested() ? int(context.attempt()) : 0;
    });
    call.stop();
    EXPECT_EQ(sheaf::decode<int>(*bound.run(call, arguments("", 0))), 3);
    EXPECT_EQ(call.heard, (std::vector<std::string>{"1/2", "H:host:1"}));
}

TEST(binding, a_handler_may_own_what_cannot_be_copied) {
    fake_invocation call;
    const auto bound = make_binding<stats_task>(
        [state = std::make_unique<int>(40)](const std::string&, int n) { return *state += n; });
    (void)bound.run(call, arguments("", 1));
    EXPECT_EQ(sheaf::decode<int>(*bound.run(call, arguments("", 1))), 42);
}

TEST(binding, a_task_without_a_result_answers_with_nothing) {
    fake_invocation call;
    int seen = 0;
    const auto bound = make_binding<sheaf::task<"set", void(int)>>([&seen](int n) { seen = n; });
    const auto outcome = bound.run(call, encode(std::tuple{6}));
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(*outcome, "");
    EXPECT_EQ(seen, 6);
}

TEST(binding, a_raw_task_passes_bytes_through) {
    fake_invocation call;
    const auto bound = make_binding<sheaf::task<"up", std::string(std::string), sheaf::raw>>(
        [](std::string text) { return text + "!"; });
    EXPECT_EQ(bound.form, sheaf::detail::wire_form::raw);
    EXPECT_EQ(*bound.run(call, "plain"), "plain!");
}

TEST(binding, bytes_that_are_no_arguments_are_malformed_and_not_handled) {
    fake_invocation call;
    bool handled = false;
    const auto bound = make_binding<stats_task>([&handled](std::string, int) {
        handled = true;
        return 0;
    });
    for (const std::string& bad : {std::string(), arguments("a", 1) + "x", std::string("\xff\xff\xff\xff\x0f")}) {
        const auto outcome = bound.run(call, bad);
        ASSERT_FALSE(outcome.has_value());
        EXPECT_EQ(outcome.error().code, errc::malformed);
    }
    EXPECT_FALSE(handled);
}

TEST(binding, a_declared_error_is_thrown_again_with_its_fields) {
    const failure why = failure_of([](const std::string& path, int) -> int {
        unreadable error("cannot read " + path);
        error.err = 13;
        error.path = path;
        throw error;
    });
    try {
        throw_as_declared(why, errors{});
    } catch (const unreadable& error) {
        EXPECT_EQ(typeid(error), typeid(unreadable));
        EXPECT_STREQ(error.what(), "cannot read a");
        EXPECT_EQ(error.err, 13);
        EXPECT_EQ(error.path, "a");
    }
}

TEST(binding, a_declared_error_is_itself_and_not_a_declared_base_of_it) {
    const failure why = failure_of([](std::string, int) -> int {
        not_found error("gone");
        error.err = 2;
        throw error;
    });
    EXPECT_EQ(why.typed_index, 1);
    EXPECT_THROW(throw_as_declared(why, errors{}), not_found);
}

TEST(binding, an_error_derived_from_a_declared_one_is_thrown_as_that) {
    struct stale : too_late {
        using too_late::too_late;
    };
    const failure why = failure_of([](std::string, int) -> int { throw stale("yesterday's"); });
    EXPECT_EQ(why.typed_index, 2);
    EXPECT_THROW(throw_as_declared(why, errors{}), too_late);
}

TEST(binding, other_exceptions_become_text_with_their_causes) {
    const failure why = failure_of([](std::string, int) -> int {
        try {
            try {
                throw std::out_of_range("inner");
            } catch (...) {
                std::throw_with_nested(std::runtime_error("middle"));
            }
        } catch (...) {
            std::throw_with_nested(std::runtime_error("outer"));
        }
    });
    EXPECT_EQ(why.code, errc::remote_exception);
    EXPECT_EQ(why.message, "outer");
    EXPECT_EQ(why.causes, (std::vector<std::string>{"middle", "inner"}));
    EXPECT_EQ(why.typed_index, -1);
    EXPECT_THROW(throw_as_declared(why, errors{}), sheaf::remote_error);
}

TEST(binding, a_wait_that_would_deadlock_is_passed_on_as_it_is) {
    const failure thrown{.code = errc::would_deadlock, .message = "too many", .task = "inner", .worker = "host/1"};
    const failure why = failure_of([&](std::string, int) -> int { throw sheaf::would_deadlock(thrown); });
    EXPECT_EQ(why.code, errc::would_deadlock);
    EXPECT_EQ(why.message, "too many");
    EXPECT_EQ(why.task, "inner");
    EXPECT_EQ(why.worker, "host/1");
    EXPECT_THROW(throw_as_declared(why, errors{}), sheaf::would_deadlock);
}

TEST(binding, whatever_is_thrown_is_a_failure) {
    EXPECT_EQ(failure_of([](std::string, int) -> int { throw std::string("text"); }).message, "text");
    EXPECT_EQ(failure_of([](std::string, int) -> int { throw "literal"; }).message, "literal");
    EXPECT_EQ(failure_of([](std::string, int) -> int { throw 5; }).message,
              "something that is not a std::exception was thrown");
}

TEST(typed_errors, an_index_nobody_declared_is_a_remote_error) {
    for (const int index : {-1, -2, 3, 1000}) {
        const failure why{.code = errc::remote_exception, .message = "m", .typed_index = index};
        EXPECT_THROW(throw_as_declared(why, errors{}), sheaf::remote_error);
        EXPECT_THROW(throw_as_declared(why, sheaf::throws<>{}), sheaf::remote_error);
    }
}

TEST(typed_errors, fields_that_do_not_decode_leave_a_remote_error_that_says_so) {
    const failure why{.code = errc::remote_exception, .message = "m", .typed_index = 0, .typed_fields = "\1\2\3"};
    try {
        throw_as_declared(why, errors{});
    } catch (const sheaf::remote_error& error) {
        EXPECT_NE(std::string(error.what()).find("its fields cannot be read"), std::string::npos);
    }
}

TEST(binding, the_handler_of_a_stream_writes_chunks_and_its_answer_is_empty) {
    using count_task = sheaf::task<"count", sheaf::stream<int>(int)>;
    const auto counts = [](sheaf::context&, sheaf::stream_writer<int>& out, int n) {
        for (int i = 0; i < n; ++i) out.write(i);
        if (n == 3) throw std::runtime_error("no more");
    };
    const auto bound = make_binding<count_task>(counts);
    fake_invocation in;
    const auto outcome = bound.run(in, encode(std::tuple(2)));
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(*outcome, "");
    EXPECT_EQ(in.chunks, (std::vector<std::string>{encode(0), encode(1)}));
    EXPECT_EQ(bound.run(in, encode(std::tuple(3))).error().message, "no more");
}

}  // namespace
