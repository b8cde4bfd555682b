#include "call/retry_rules.hpp"

#include <limits>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <sheaf/detail/typed_call.hpp>

namespace sheaf::detail {
namespace {

struct torn : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct missing : std::runtime_error {
    using std::runtime_error::runtime_error;
};
using read_task = task<"fs.read", int(int), throws<torn, missing>>;

bool again(const failure& why, const retry& rules) {
    return is_tried_again_after(why, rules, typed_again<read_task>(rules));
}
failure thrown(int which) { return {.code = errc::remote_exception, .typed_index = which}; }

TEST(retry_rules, without_a_rule_only_bad_luck_is_tried_again) {
    const retry plain{3};
    EXPECT_TRUE(again({.code = errc::worker_lost}, plain));
    EXPECT_TRUE(again({.code = errc::connection_lost}, plain));
    EXPECT_TRUE(again({.code = errc::timeout, .clock = call_clock::attempt}, plain));
    for (const errc code : {errc::remote_exception, errc::job_failed, errc::malformed, errc::schema_mismatch,
                            errc::connection_failed, errc::no_worker, errc::queue_full}) {
        EXPECT_FALSE(again({.code = code}, plain)) << to_string(code);
    }
    EXPECT_FALSE(again({.code = errc::timeout, .clock = call_clock::queue}, plain));
    EXPECT_FALSE(again(thrown(0), plain));
}

TEST(retry_rules, the_last_word_about_a_class_counts) {
    EXPECT_TRUE(again(thrown(1), retry{3}.on<missing>()));
    EXPECT_FALSE(again(thrown(0), retry{3}.on<missing>()));
    EXPECT_FALSE(again(thrown(1), retry{3}.on<torn, missing>().never<missing>()));
    EXPECT_FALSE(again({.code = errc::worker_lost}, retry{3}.never<worker_lost>()));
    EXPECT_TRUE(again({.code = errc::remote_exception}, retry{3}.on<remote_error>()));
    EXPECT_TRUE(again({.code = errc::no_worker}, retry{3}.never<call_error>().on<no_worker>()));
}

TEST(retry_rules, nothing_is_tried_again_after_the_deadline_or_a_cancel) {
    const retry always = retry{3}.on<call_error, timeout, cancelled>();
    EXPECT_FALSE(again({.code = errc::timeout, .clock = call_clock::deadline}, always));
    EXPECT_FALSE(again({.code = errc::cancelled}, always));
}

TEST(retry_rules, a_class_that_the_task_does_not_throw_is_refused_by_name) {
    try {
        (void)typed_again<read_task>(retry{3}.on<std::logic_error>());
        FAIL() << "it was taken";
    } catch (const std::invalid_argument& why) {
        EXPECT_NE(std::string(why.what()).find("fs.read"), std::string::npos) << why.what();
        EXPECT_NE(std::string(why.what()).find("std::logic_error"), std::string::npos) << why.what();
    }
}

TEST(retry_rules, pauses_never_overflow) {
    using namespace std::chrono_literals;
    const retry steep = retry{1000}.backoff(1h, 1e9).cap(2h);
    EXPECT_EQ(pause_after(900, steep, 0.0), 2h);
    EXPECT_EQ(pause_after(1, retry{2}.backoff(1s).jitter(1.0), 0.25), 750ms);
    EXPECT_EQ(pause_after(4000, retry{5000}, 0.5), 0ms);
    const double none = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(pause_after(3, retry{5}.backoff(1s, none), 0.5), 0ms);
    EXPECT_EQ(pause_after(1, retry{5}.backoff(1s).jitter(none), 0.5), 1s);
    const auto longest = pause_after(2, retry{2}.backoff(1h, 1e300).cap(std::chrono::milliseconds::max()), 0.0);
    EXPECT_GT(std::chrono::steady_clock::now() + longest, std::chrono::steady_clock::now());
}

}  // namespace
}  // namespace sheaf::detail
