#include "sheaf/runtime/error.hpp"

#include <memory>
#include <set>

#include <gtest/gtest.h>

namespace {

using sheaf::errc;

TEST(error, every_code_has_a_name_of_its_own) {
    std::set<std::string_view> names;
    for (int code = 0; code <= static_cast<int>(errc::internal); ++code) {
        names.insert(sheaf::to_string(static_cast<errc>(code)));
    }
    EXPECT_EQ(names.size(), static_cast<std::size_t>(errc::internal) + 1);
    EXPECT_EQ(sheaf::to_string(errc::worker_lost), "worker_lost");
    EXPECT_EQ(sheaf::to_string(errc::server_error), "server_error");
}

TEST(error, a_number_from_a_newer_peer_has_a_name_too) {
    EXPECT_EQ(sheaf::to_string(static_cast<errc>(1000)), "unknown");
    EXPECT_EQ(sheaf::to_string(static_cast<errc>(-1)), "unknown");
}

TEST(error, a_code_is_a_standard_error_code) {
    const std::error_code code = errc::timeout;
    EXPECT_EQ(code, errc::timeout);
    EXPECT_EQ(code.message(), "timeout");
    EXPECT_FALSE(std::error_code(errc::ok));
}

TEST(error, a_thrown_failure_carries_code_and_sentence) {
    const sheaf::runtime_failure failure({errc::no_worker, "nobody offers reverse"});
    EXPECT_EQ(failure.code(), errc::no_worker);
    EXPECT_NE(std::string_view(failure.what()).find("nobody offers reverse"), std::string_view::npos);
}

TEST(result, holds_either_a_value_that_can_be_moved_out_or_an_error) {
    sheaf::basic_result<std::unique_ptr<int>> good = std::make_unique<int>(7);
    ASSERT_TRUE(good);
    EXPECT_EQ(*std::move(*std::move(good)), 7);

    const sheaf::basic_result<int> bad = sheaf::error{errc::io_error, "disk"};
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, errc::io_error);
    EXPECT_EQ(bad.value_or(3), 3);

    EXPECT_TRUE(sheaf::basic_result<void>{});
    EXPECT_FALSE(sheaf::basic_result<void>(sheaf::error{errc::io_error, "disk"}));
}

}  // namespace
