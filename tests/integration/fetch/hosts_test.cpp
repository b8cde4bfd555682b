// What a host keeps for runs of drivers elsewhere, and for how long.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "fetch/credentials.hpp"
#include "fetch/fetch_failure.hpp"
#include "fetch/fetch_file.hpp"
#include "fetch/host_door.hpp"
#include "fetch/host_exchange.hpp"
#include "fetch/this_host.hpp"
#include "http_peer.hpp"
#include "support/scratch_directory.hpp"
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::fetch {
namespace {

using namespace std::chrono_literals;

class hosts_test : public testing::Test {
  protected:
    hosts_test() {
        ::setenv("SHEAF_TMPDIR", place_.path().c_str(), 1);
        ::setenv("SHEAF_EXCHANGE_ADDRESS", "127.0.0.1", 1);
    }
    ~hosts_test() override {
        ::unsetenv("SHEAF_TMPDIR");
        ::unsetenv("SHEAF_EXCHANGE_ADDRESS");
    }

    static void expect_gone(const std::string& directory) {
        const auto until = std::chrono::steady_clock::now() + test::patience;
        while (std::filesystem::exists(directory) && std::chrono::steady_clock::now() < until)
            std::this_thread::yield();
        EXPECT_FALSE(std::filesystem::exists(directory));
    }
    [[nodiscard]] http_answer ask(std::string_view method, const std::string& address, const std::string& secret) {
        return client_.ask(method, *parse_url(address), {{"Authorization", bearer(secret)}}, {});
    }

    test::scratch_directory place_;
    const std::string secret_ = make_secret();
    http_client client_;
};

TEST_F(hosts_test, what_a_run_leaves_is_served_until_it_is_dismissed) {
    host_exchange host({});
    const auto place = host.admit("r1", secret_, "http://127.0.0.1:1/r1");
    ASSERT_TRUE(place) << place.error().message;
    test::write_file(std::filesystem::path(place->directory) / "map-1", "segment");
    const auto again = host.admit("r1", secret_, "http://127.0.0.1:1/r1");
    EXPECT_EQ(again->directory, place->directory);
    EXPECT_FALSE(host.admit("r1", make_secret(), "http://127.0.0.1:1/r1"));

    const std::string copy = place_ / "copy";
    EXPECT_EQ(fetch_file(this_host::get(), place->address + "/map-1", secret_, copy, {}), 7U);
    EXPECT_EQ(test::read_file(copy), "segment");

    EXPECT_EQ(ask("DELETE", place->address, make_secret()).status, 401U);
    EXPECT_TRUE(std::filesystem::exists(place->directory));
    EXPECT_EQ(ask("DELETE", place->address, secret_).status, 204U);
    expect_gone(place->directory);
    EXPECT_EQ(ask("HEAD", place->address + "/map-1", secret_).status, 401U);
}

TEST_F(hosts_test, a_run_goes_when_its_driver_is_silent) {
    host_exchange host({}, {.between_looks = 5ms, .silence_max = 20ms});
    const auto place = host.admit("r1", secret_, "http://127.0.0.1:1/r1");  // nobody listens there
    ASSERT_TRUE(place);
    expect_gone(place->directory);
}

TEST_F(hosts_test, a_run_stays_while_its_driver_answers_and_goes_when_it_says_so) {
    std::atomic<bool> goes_on{true};
    test::scripted_server driver([&](const std::string&) {
        return test::scripted_server::answer{goes_on ? "HTTP/1.1 204 No Content\r\n\r\n"
                                                     : "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"};
    });
    host_exchange host({}, {.between_looks = 1ms, .silence_max = 1h});
    const auto place = host.admit("r1", secret_, driver.address("/r1"));
    ASSERT_TRUE(place);
    const auto until = std::chrono::steady_clock::now() + test::patience;
    while (driver.requests() < 3 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    EXPECT_GE(driver.requests(), 3);
    EXPECT_TRUE(std::filesystem::exists(place->directory));
    goes_on = false;
    expect_gone(place->directory);
}

TEST_F(hosts_test, nothing_is_left_when_the_host_ends) {
    std::string directory;
    {
        host_exchange host({});
        directory = host.admit("r1", secret_, "http://127.0.0.1:1/r1")->directory;
        EXPECT_TRUE(std::filesystem::exists(directory));
    }
    EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST_F(hosts_test, workers_get_a_place_at_their_supervisors_door) {
    const host_door door({});
    ASSERT_EQ(door.variables().size(), 1U);
    std::string variable = door.variables().front();
    const auto equals = variable.find('=');
    ::setenv(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str(), 1);
    door_address found = take_door_address();
    EXPECT_EQ(std::getenv(variable.substr(0, equals).c_str()), nullptr);

    const run_place place = ask_at_door(client_, found, "r1", secret_, "http://127.0.0.1:1/r1");
    EXPECT_TRUE(std::filesystem::exists(place.directory));
    EXPECT_EQ(ask("HEAD", place.address, secret_).status, 204U);

    found.key = make_secret();
    EXPECT_THROW((void)ask_at_door(client_, found, "r2", secret_, "http://127.0.0.1:1/r2"), fetch_failure);
}

}  // namespace
}  // namespace sheaf::fetch
