// Where a listener is heard when a name has several addresses, and what it leaves behind.
#include "net/listener.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/raw_peer.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {
namespace {

/// A listener at `at`, and how many have come.
struct heard_at {
    explicit heard_at(const endpoint& at) : door(turns, at, 8, [this](net::stream_socket) { ++count; }) {}

    net::loop turns;
    int count = 0;
    net::listener door;
};

TEST(listener, is_heard_at_every_address_of_a_name_at_one_port) {
    heard_at everywhere({"", 0, {}});  // 0.0.0.0 and ::
    const std::uint16_t port = everywhere.door.local().port;
    ASSERT_NE(port, 0);
    const raw_peer by_ip4({"127.0.0.1", port, {}});
    everywhere.turns.run_one();
    EXPECT_EQ(everywhere.count, 1);
    const raw_peer by_ip6({"::1", port, {}});
    everywhere.turns.run_one();
    EXPECT_EQ(everywhere.count, 2);
    EXPECT_THROW(heard_at({"::1", port, {}}), runtime_failure);
}

TEST(listener, an_address_that_is_taken_is_refused_and_leaves_none_open) {
    const heard_at first({"::1", 0, {}});
    const std::uint16_t port = first.door.local().port;
    EXPECT_THROW(heard_at({"", port, {}}), runtime_failure);
    const heard_at other({"127.0.0.1", port, {}});
    EXPECT_EQ(other.door.local().port, port);
}

TEST(listener, takes_its_file_away_and_not_that_of_another) {
    const scratch_directory place;
    const std::string path = (place / "socket").string();
    {
        const heard_at door({{}, 0, path});
        EXPECT_TRUE(std::filesystem::exists(path));
        EXPECT_THROW(heard_at({{}, 0, path}), runtime_failure);
        EXPECT_TRUE(std::filesystem::exists(path));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace sheaf::test
