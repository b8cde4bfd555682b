// Tasks with a codec of their choice, JSON above all: what travels, both ways.
#include <exception>
#include <stop_token>
#include <string>

#include <gtest/gtest.h>

#include "call/call_end.hpp"
#include "support/wire_shapes.hpp"
#include "task/json_failure.hpp"
#include <sheaf/boost.hpp>
#include <sheaf/detail/binding.hpp>
#include <sheaf/detail/typed_call.hpp>
#include <sheaf/json.hpp>

namespace {

using namespace sheaf::test;
using namespace sheaf::detail;
using sheaf::errc;
using sheaf::failure;
using sheaf::shared_bytes;

struct unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
    static constexpr std::string_view json_name = "unreadable";
    int err = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(err));
    }
};
/// Somebody else's, without a name of its own.
struct not_found : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace

template <>
inline constexpr std::string_view sheaf::json_error_name<not_found> = "missing";

namespace {

using stats_task =
    sheaf::task<"text.stats", stats(std::string, int), sheaf::json, sheaf::throws<not_found, unreadable>>;
using store_task = sheaf::task<"text.store", void(sheaf::bytes), sheaf::json>;

class no_job final : public invocation {
  public:
    [[nodiscard]] std::stop_token stop_token() const override { return {}; }
    [[nodiscard]] unsigned attempt() const override { return 1; }
    [[nodiscard]] std::string_view handle() const override { return "H:1"; }
    void progress(std::uint64_t /*done*/, std::uint64_t /*total*/) override {}
    void warn(std::string_view /*text*/) override {}
    void send_chunk(std::string_view /*encoded*/) override {}
    void lend_slot() override {}
    void take_slot_back() noexcept override {}
};

template <class Task, class Handler>
sheaf::result<std::string> serve(Handler handler, std::string_view payload) {
    no_job job;
    return make_binding<Task>(std::move(handler)).run(job, payload);
}

/// What the caller of Task makes of a job that ended with `data`.
template <class Task>
sheaf::result<typename Task::result_type> answered(sheaf::runtime::job_end::kind how, std::string_view data) {
    const raw_call call = make_call_frame<Task>();
    const call_plan plan{
        .task = std::string(call.task), .schema = call.schema, .form = call.form, .error_names = call.error_names};
    return read_result<Task>(read_end({.how = how, .data = shared_bytes(data), .why = {}}, plan));
}
constexpr auto complete = sheaf::runtime::job_end::kind::complete;
constexpr auto exception = sheaf::runtime::job_end::kind::exception;

TEST(json_task, a_call_is_an_object_with_its_arguments) {
    const raw_call call = make_raw_call<stats_task>({"a.txt", 3});
    EXPECT_EQ(call.form, wire_form::json);
    EXPECT_EQ(call.arguments, R"({"args":["a.txt",3]})");
}

TEST(json_task, a_worker_answers_with_an_object_that_has_the_result) {
    const auto answer = serve<stats_task>(
        [](const std::string& path, int words) {
            return stats{path, static_cast<std::uint64_t>(words)};
        },
        R"({"args":["p",4]})");
    EXPECT_EQ(*answer, R"({"result":{"path":"p","words":4}})");
    EXPECT_EQ(*serve<store_task>([](const sheaf::bytes&) {}, R"({"args":["AQI="]})"), R"({"result":null})");
}

TEST(json_task, arguments_that_do_not_fit_are_named) {
    const auto refused = [](std::string_view payload) {
        const auto answer = serve<stats_task>([](const std::string&, int) { return stats{}; }, payload);
        return answer ? "accepted" : answer.error().message;
    };
    const std::string start = "the arguments do not fit the task: cannot decode: ";
    EXPECT_EQ(refused(R"({"args":["p",4.5]})"), start + "args[1]: a whole number is expected, not 4.5");
    EXPECT_EQ(refused(R"({"args":["p"]})"), start + "args: more than 1 elements are expected");
    EXPECT_EQ(refused(R"({"args":["p",1,2]})"), start + "args: there are 3 elements, and only 2 are expected");
    EXPECT_EQ(refused(R"({"args":["p",1],"id":7})"), start + "id: there is no such field");
    EXPECT_EQ(refused("hello"), start + "this is not JSON: syntax error (at byte 0)");
}

TEST(json_task, an_argument_that_json_cannot_hold_is_named_by_the_caller) {
    try {
        (void)make_raw_call<stats_task>({"\xff", 3});
        FAIL() << "not refused";
    } catch (const sheaf::encode_error& error) {
        EXPECT_STREQ(error.what(),
                     "cannot write as JSON: args[0]: the text is not UTF-8 (at its byte 0); send bytes as "
                     "sheaf::bytes");
    }
}

TEST(json_task, results_are_read_strictly) {
    EXPECT_EQ(*answered<stats_task>(complete, R"({"result":{"words":4,"path":"p"}})"), (stats{"p", 4}));
    EXPECT_TRUE(answered<store_task>(complete, R"({"result":null})"));
    const auto wrong = answered<stats_task>(complete, R"({"result":{"words":-4,"path":"p"}})");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().message,
              "the result does not fit the task: cannot decode: result.words: -4 is out of range: 0 to "
              "18446744073709551615");
    EXPECT_FALSE(answered<store_task>(complete, R"({"result":0})"));
    EXPECT_FALSE(answered<store_task>(complete, ""));
}

TEST(json_task, declared_errors_arrive_as_what_they_are) {
    const auto failed = serve<stats_task>(
        [](const std::string& path, int) -> stats {
            unreadable why("cannot read " + path);
            why.err = 13;
            throw why;
        },
        R"({"args":["p",4]})");
    ASSERT_FALSE(failed);
    const std::string sent(write_json_failure(failed.error()).view());
    EXPECT_EQ(sent,
              R"({"error":{"type":"unreadable","what":"cannot read p","data":{"err":13},"code":"remote_exception"}})");
    try {
        (void)value_or_throw<stats_task>(answered<stats_task>(exception, sent));
        FAIL() << "not thrown";
    } catch (const unreadable& why) {
        EXPECT_STREQ(why.what(), "cannot read p");
        EXPECT_EQ(why.err, 13);
    }
}

TEST(json_task, errors_of_workers_in_other_languages_need_little) {
    const auto thrown_for = [](auto how, std::string_view data) {
        return [how, data] { (void)value_or_throw<stats_task>(answered<stats_task>(how, data)); };
    };
    EXPECT_THROW(thrown_for(exception, R"({"error":{"type":"missing"}})")(), not_found);
    // Workers that can only complete jobs or fail them.
    EXPECT_THROW(thrown_for(complete, R"( { "error" : {"type":"missing","line":12} } )")(), not_found);
    EXPECT_THROW(thrown_for(exception, R"({"error":{}})")(), sheaf::remote_error);
    // Its fields are missing.
    EXPECT_THROW(thrown_for(exception, R"({"error":{"type":"unreadable","what":"x"}})")(), sheaf::remote_error);
}

TEST(json_task, errors_that_are_not_declared_are_remote_errors_with_their_text) {
    const std::string_view foreign = R"({"error":{"type":"ValueError","what":"no","worker":"py/1","attempt":2}})";
    const auto unknown = answered<stats_task>(exception, foreign);
    EXPECT_EQ(unknown.error().message, "ValueError: no");
    EXPECT_EQ(unknown.error().worker, "py/1");
    EXPECT_EQ(unknown.error().attempt, 2U);
    EXPECT_EQ(unknown.error().typed_index, -1);
    EXPECT_EQ(answered<stats_task>(exception, "died at line 4").error().message, "died at line 4");
    EXPECT_EQ(answered<stats_task>(exception, R"({"error":{"what":7}})").error().message, R"({"error":{"what":7}})");
}

TEST(json_task, what_a_supervisor_says_travels_too) {
    const failure lost{.code = errc::worker_lost,
                       .message = "killed \xff",
                       .worker = "host/7",
                       .attempt = 3,
                       .signal = 9,
                       .causes = {"a cause"}};
    const failure read = answered<stats_task>(exception, write_json_failure(lost).view()).error();
    EXPECT_EQ(read.code, errc::worker_lost);
    EXPECT_EQ(read.message, "killed \xef\xbf\xbd");
    EXPECT_EQ(read.worker, "host/7");
    EXPECT_EQ(read.signal, 9);
    EXPECT_EQ(read.causes, std::vector<std::string>{"a cause"});
}

struct renamed {
    std::string path;
    std::uint64_t count = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(path), CEREAL_NVP(count));
    }
};

TEST(json_task, its_schema_depends_on_the_names_of_fields) {
    EXPECT_EQ(sheaf::schema<stats_task>().text, "text.stats(s,i4)->{path:s,words:u8}!not_found{}!unreadable{err:i4}");
    using one = sheaf::task<"f", stats(), sheaf::json>;
    using other = sheaf::task<"f", renamed(), sheaf::json>;
    EXPECT_NE(sheaf::schema<one>().fingerprint, sheaf::schema<other>().fingerprint);
}

TEST(raw_task, bytes_are_the_payload) {
    using thumbnail = sheaf::task<"thumb.make", sheaf::bytes(sheaf::bytes), sheaf::raw>;
    const raw_call call = make_raw_call<thumbnail>({sheaf::bytes{std::byte{0}, std::byte{255}}});
    EXPECT_EQ(call.arguments, std::string("\0\xff", 2));
    EXPECT_EQ(*serve<thumbnail>([](sheaf::bytes in) { return sheaf::bytes(in.rbegin(), in.rend()); }, call.arguments),
              std::string("\xff\0", 2));
    EXPECT_EQ(*answered<thumbnail>(complete, "\x7f"), sheaf::bytes{std::byte{0x7f}});
    using text_of = sheaf::task<"thumb.text", std::string(sheaf::bytes), sheaf::raw>;
    EXPECT_EQ(*answered<text_of>(complete, "text"), "text");
}

struct place {
    std::string name;
    template <class Archive>
    void serialize(Archive& archive, unsigned /*version*/) {
        archive& name;
    }
};
struct no_road : std::runtime_error {
    using std::runtime_error::runtime_error;
    place last;
    template <class Archive>
    void serialize(Archive& archive, unsigned /*version*/) {
        archive& last;
    }
};
using find_route = sheaf::task<"geo.route", std::vector<place>(place, int), sheaf::boost_serialization,
                               sheaf::throws<not_found, no_road>>;

TEST(boost_task, arguments_results_and_errors_travel_within_the_envelope) {
    const raw_call call = make_raw_call<find_route>({place{"here"}, 2});
    EXPECT_EQ(call.form, wire_form::enveloped);
    EXPECT_NE(call.fingerprint, 0U);
    const auto copies = serve<find_route>(
        [](const place& from, int count) { return std::vector<place>(static_cast<std::size_t>(count), from); },
        call.arguments);
    EXPECT_EQ(decode_result<find_route>(*copies)->at(1).name, "here");

    const auto failed = serve<find_route>(
        [](const place& from, int) -> std::vector<place> {
            no_road why("closed");
            why.last = from;
            throw why;
        },
        call.arguments);
    EXPECT_EQ(failed.error().typed_index, 1);
    try {
        (void)value_or_throw<find_route>(failed.error());
        FAIL() << "not thrown";
    } catch (const no_road& why) {
        EXPECT_STREQ(why.what(), "closed");
        EXPECT_EQ(why.last.name, "here");
    }
}

}  // namespace
