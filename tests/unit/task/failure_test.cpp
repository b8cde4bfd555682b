#include <gtest/gtest.h>

#include <sheaf/failure.hpp>

namespace {

using sheaf::errc;
using sheaf::failure;

TEST(failure, is_described_with_all_that_is_known) {
    EXPECT_EQ(sheaf::describe({.code = errc::worker_lost,
                               .message = "it was killed",
                               .task = "fs.stats",
                               .worker = "host/12",
                               .attempt = 2,
                               .signal = 11,
                               .causes = {"first", "second"}}),
              "task \"fs.stats\": worker_lost: it was killed\n"
              "  worker host/12, attempt 2, signal 11\n"
              "  caused by: first\n"
              "  caused by: second");
    EXPECT_EQ(
        sheaf::describe({.code = errc::worker_lost, .message = "it was killed", .last_lines = {"one", "\x1b[2Jtwo\r"}}),
        "worker_lost: it was killed\n"
        "  it wrote last:\n"
        "    one\n"
        "    \\x1b[2Jtwo\\x0d");
    EXPECT_EQ(sheaf::describe({.code = errc::remote_exception, .message = "what() said"}), "what() said");
    EXPECT_EQ(sheaf::describe({.code = errc::cancelled}), "cancelled: no reason was given");
}

template <class Exception>
void expect_thrown(errc code) {
    try {
        sheaf::throw_failure({.code = code, .message = "m"});
    } catch (const sheaf::call_error& error) {
        EXPECT_EQ(typeid(error), typeid(Exception)) << to_string(code);
        EXPECT_EQ(error.code(), code);
        EXPECT_EQ(error.why().message, "m");
    }
}

TEST(failure, is_thrown_as_the_class_for_its_code) {
    expect_thrown<sheaf::remote_error>(errc::remote_exception);
    expect_thrown<sheaf::worker_lost>(errc::worker_lost);
    expect_thrown<sheaf::timeout>(errc::timeout);
    expect_thrown<sheaf::cancelled>(errc::cancelled);
    expect_thrown<sheaf::schema_mismatch>(errc::schema_mismatch);
    expect_thrown<sheaf::would_deadlock>(errc::would_deadlock);
    expect_thrown<sheaf::connection_error>(errc::connection_failed);
    expect_thrown<sheaf::connection_error>(errc::connection_lost);
    expect_thrown<sheaf::call_error>(errc::malformed);
}

}  // namespace
