// A connection to a server, with or without TLS, on which nothing waits for ever.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <string_view>

#include "base/unique_fd.hpp"
#include "fetch/url.hpp"

namespace sheaf::fetch {

/// How long a peer may take, and when nobody wants it any more.
struct transport_terms {
    std::chrono::milliseconds connect_max{5000};
    std::chrono::milliseconds stall_max{20'000};  ///< in which no byte comes or goes
    std::stop_token stop{};
};

/// One thread at a time. All errors are fetch_failure.
class transport {
  public:
    transport() = default;
    transport(const transport&) = delete;
    transport& operator=(const transport&) = delete;
    virtual ~transport() = default;

    /// Waits for bytes. 0: the peer has closed the connection.
    [[nodiscard]] virtual std::size_t read_some(std::span<char> into, const transport_terms& terms) = 0;
    virtual void write_all(std::string_view bytes, const transport_terms& terms) = 0;
    /// Whether the peer has closed it, or sent what nobody has asked for.
    [[nodiscard]] virtual bool is_stale() const = 0;
};

/// Connects to the server of `to`. Names are looked up by the system, whose own limits hold for that.
[[nodiscard]] std::unique_ptr<transport> connect_to(const url& to, const transport_terms& terms);

/// A socket that is connected to `to`, and does not block.
[[nodiscard]] unique_fd connect_socket(const url& to, const transport_terms& terms);

/// Waits until `socket` is ready for `events` of poll(). Throws fetch_failure when that takes longer than `limit`, or nobody
/// wants it any more.
void wait_ready(int socket, short events, std::chrono::milliseconds limit, const transport_terms& terms);

}  // namespace sheaf::fetch
