// Serves the files of runs to other hosts, by HTTP/1.1.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "fetch/exchange_desk.hpp"
#include "sheaf/runtime/endpoint.hpp"

namespace sheaf::fetch {

struct exchange_server_options {
    endpoint listen{};                            ///< a TCP address; port 0: any that is free
    std::string name{};                           ///< the host that peers reach it by; empty: as in `listen`
    host_duties duties{};                         ///< beside giving out files
    std::size_t connections_max = 256;            ///< who comes when there are so many is turned away at once
    std::chrono::milliseconds idle_max{60'000};   ///< between two requests
    std::chrono::milliseconds head_max{15'000};   ///< for one request to come
    std::chrono::milliseconds stall_max{30'000};  ///< in which a peer takes nothing of its answer
};

/// One thread, which sends files from the kernel's cache to sockets, without a copy of its own. Serves until it is destroyed.
class exchange_server {
  public:
    /// Listens from now on. Throws runtime_failure. `shelf` outlives the server.
    exchange_server(const run_shelf& shelf, exchange_server_options how);
    ~exchange_server();
    exchange_server(const exchange_server&) = delete;
    exchange_server& operator=(const exchange_server&) = delete;

    /// "http://host:port".
    [[nodiscard]] const std::string& origin() const noexcept;

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace sheaf::fetch
