// sheafd with keys of a test's own, and crowds of peers that do not go on.
#pragma once

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server/round_trip.hpp"
#include "integration/server/tls_peer.hpp"
#include "support/certificates.hpp"
#include "support/scratch_directory.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test {

struct sheafd_tls : testing::Test {
    sheafd_tls() : keys(ours.sign({.name = "server", .addresses = "IP:127.0.0.1"})) {}

    [[nodiscard]] std::vector<std::string> with_keys(std::vector<std::string> arguments) const {
        for (const std::string& word : {"--ssl-ca-file=" + keys.ca_file, "--ssl-certificate=" + keys.certificate_file,
                                        "--ssl-key=" + keys.key_file})
            arguments.push_back(word);
        return arguments;
    }
    // Exit code and last words.
    static std::string refusal(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {program("sheafd"), "--port=0"});
        process child(std::move(arguments));
        EXPECT_NE(child.wait().value_or(0), 0);
        EXPECT_EQ(child.read_all(), "") << "it does not say that it is ready";
        return child.error_output();
    }

    scratch_directory place;
    authority ours{place.path(), "ours"};
    runtime::tls_options keys;
};

/// The time of the CPU that a process has used, in seconds.
inline double cpu_seconds(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string word;
    constexpr int before_utime = 11;
    for (int i = 0; i < before_utime; ++i) fields >> word;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

inline double median_of_round_trips(round_trip& peers, int count) {
    std::vector<double> all;
    for (int i = 0; i < count; ++i) {
        const auto began = std::chrono::steady_clock::now();
        peers.run();
        all.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    }
    std::ranges::nth_element(all, all.begin() + count / 2);
    return all[static_cast<std::size_t>(count) / 2];
}

inline std::string echo_of(std::size_t size) {
    std::string packet(protocol::header_size + size, 'x');
    packet.replace(0, 4, "\0REQ", 4);
    protocol::detail::put_u32(packet.data() + 4, 16);
    protocol::detail::put_u32(packet.data() + 8, static_cast<std::uint32_t>(size));
    return packet;
}

/// Peers that never end what they began: some say nothing, some read next to nothing, some say a byte at a time.
class slow_crowd {
  public:
    slow_crowd(const endpoint& where, const runtime::tls_options& keys, int silent, int readers, int writers)
        : keys_(load_keys(keys)), half_(echo_of(1 << 20)) {
        for (int i = 0; i < silent; ++i) silent_.emplace_back(where);
        for (int i = 0; i < readers; ++i) {
            readers_.push_back(std::make_unique<tls_peer>(where, keys_.get()));
            readers_.back()->take_little();
            readers_.back()->send(half_);  // which comes back, and is more than the sockets' buffers hold then
        }
        for (int i = 0; i < writers; ++i) writers_.push_back(std::make_unique<tls_peer>(where, keys_.get()));
    }
    /// Each slow one does a little.
    void step() {
        for (const auto& one : readers_) one->read_little();
        for (const auto& one : writers_) one->send({&half_[at_], 1});
        ++at_;
    }

  private:
    tls_context_ptr keys_;
    std::string half_;
    std::size_t at_ = 0;
    std::vector<raw_peer> silent_;
    std::vector<std::unique_ptr<tls_peer>> readers_;
    std::vector<std::unique_ptr<tls_peer>> writers_;
};

}  // namespace sheaf::test
