// A client and a worker who do jobs through a server, one after the other, to see that it is alive and undisturbed.
#pragma once

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "support/raw_peer.hpp"

namespace sheaf::test {

using protocol::packet_type;

class round_trip {
  public:
    explicit round_trip(const endpoint& where, std::string function = "reverse")
        : client_(where), worker_(where), function_(std::move(function)) {
        worker_.send<packet_type::can_do>(function_);
        synchronize(worker_);
    }

    [[nodiscard]] raw_peer& client() noexcept { return client_; }
    [[nodiscard]] raw_peer& worker() noexcept { return worker_; }

    /// Waits until the server has handled everything that `peer` has sent.
    static void synchronize(raw_peer& peer) {
        peer.send<packet_type::echo_req>("in sync");
        EXPECT_EQ(peer.expect(packet_type::echo_res).data, "in sync");
    }

    /// Submits a job and hands it to the worker; returns its handle.
    std::string begin(const std::string& payload) {
        client_.send<packet_type::submit_job>(function_, "", payload);
        const std::string handle = client_.expect(packet_type::job_created).arguments.at(0);
        worker_.send<packet_type::grab_job>();
        const owned_packet job = worker_.expect(packet_type::job_assign);
        EXPECT_EQ(job.arguments.at(0), handle);
        EXPECT_EQ(job.data, payload);
        return handle;
    }
    /// Ends a job that has begun, and checks what the client hears.
    void end(const std::string& handle, const std::string& result) {
        worker_.send<packet_type::work_complete>(handle, result);
        const owned_packet done = client_.expect(packet_type::work_complete);
        EXPECT_EQ(done.arguments.at(0), handle);
        EXPECT_EQ(done.data, result);
    }
    void run(const std::string& payload = "payload") { end(begin(payload), payload + " done"); }

  private:
    raw_peer client_;
    raw_peer worker_;
    std::string function_;
};

}  // namespace sheaf::test
