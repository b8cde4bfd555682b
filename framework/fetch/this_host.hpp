// What this process has for the exchange between hosts: a client, and a host with room for runs.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "fetch/host_door.hpp"
#include "fetch/host_exchange.hpp"
#include "fetch/http_client.hpp"
#include "fetch/run_place.hpp"
#include "sheaf/runtime/endpoint.hpp"
#include <sheaf/detail/byte_reader.hpp>

namespace sheaf::fetch {

/// One per process, since a process is on one host. Costs nothing until it is used. Any thread.
class this_host {
  public:
    [[nodiscard]] static this_host& get();
    this_host() = default;
    this_host(const this_host&) = delete;
    this_host& operator=(const this_host&) = delete;

    /// Before the first use: where the supervisor's door is, if there is one, and the job servers.
    void settle(door_address door, std::vector<endpoint> servers);

    /// A place for the run's files: kept by the supervisor, or, where there is none, for as long as this process lives. Throws
    /// runtime_failure.
    [[nodiscard]] run_place admit(const std::string& run, const std::string& secret, const std::string& driver);
    /// Opens what is at `address`. With `secret`, that of a run. Throws as range_reader::read_at does.
    [[nodiscard]] std::unique_ptr<detail::range_reader> open(const std::string& address, const std::string& secret,
                                                             std::stop_token stop);
    [[nodiscard]] http_client& client() noexcept { return client_; }

  private:
    struct known_place {
        run_place place;
        std::string driver;
        std::chrono::steady_clock::time_point asked;
    };

    std::mutex mutex_;
    door_address door_;
    std::vector<endpoint> servers_;
    http_client client_;
    std::unique_ptr<host_exchange> own_;
    std::unordered_map<std::string, known_place> known_;
};

}  // namespace sheaf::fetch
