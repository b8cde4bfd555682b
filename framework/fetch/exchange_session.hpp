// One peer's connection to an exchange server.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "fetch/exchange_desk.hpp"
#include "fetch/http_request.hpp"
#include "net/loop.hpp"

namespace sheaf::fetch {

/// How long a peer may take for what.
struct session_limits {
    std::chrono::milliseconds idle_max;
    std::chrono::milliseconds head_max;
    std::chrono::milliseconds stall_max;
};

/// Reads requests, and sends answers, one after the other, until the peer leaves, breaks a rule or is too slow. Used on the
/// loop's thread. Holds the head of one request and of one answer, however large files are.
class exchange_session final : public net::pollable, public std::enable_shared_from_this<exchange_session> {
  public:
    using clock = std::chrono::steady_clock;

    exchange_session(net::loop& where, unique_fd socket, const exchange_desk& desk, const session_limits& limits);

    void start();
    /// Closes the connection when the peer's time is over.
    void check(clock::time_point now);
    void close();
    [[nodiscard]] bool is_open() const noexcept { return bool(socket_); }

  private:
    enum class step { again, wait, end };

    void on_ready(std::uint32_t events) override;
    void work();
    [[nodiscard]] step read();
    [[nodiscard]] step take(std::string_view bytes);
    [[nodiscard]] step send();
    [[nodiscard]] step send_head();
    [[nodiscard]] step send_file();
    void begin(exchange_reply reply);
    void watch(std::uint32_t events);
    void allow(std::chrono::milliseconds time) { until_ = clock::now() + time; }

    net::loop& loop_;
    unique_fd socket_;
    const exchange_desk& desk_;
    const session_limits& limits_;
    request_reader requests_;
    std::string ahead_;  ///< what a peer has sent before its last answer was complete
    bool sending_ = false;
    exchange_reply reply_;  ///< what is left of it
    std::size_t head_sent_ = 0;
    std::uint32_t watched_ = 0;
    clock::time_point until_;
};

}  // namespace sheaf::fetch
