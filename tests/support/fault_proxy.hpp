// A TCP proxy on the loopback that does to a connection what networks do: it delays, throttles, stalls, drops, corrupts, cuts in the
// middle of a packet, and closes one way. Its behaviour can be changed at any moment.
//
//   fault_proxy between(server.where(), seed);
//   raw_peer client(between.where());
//   between.set(fault_proxy::way::to_client, {.stalled = true});
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "sheaf/runtime/endpoint.hpp"

namespace sheaf::test {

/// All members may be called from any thread; what they ask for is in force when they return.
class fault_proxy {
  public:
    enum class way : std::uint8_t { to_server, to_client };

    /// How bytes of one way are treated, of connections that are there and that come.
    struct conditions {
        std::chrono::milliseconds delay{0};  ///< each piece is passed on that much later
        std::size_t bytes_per_second = 0;    ///< 0: no limit
        bool stalled = false;                ///< nothing is taken, so that the sender's buffers fill up
        bool dropped =
            false;  ///< everything is taken, and nothing passed on; nor later, on a connection that lost something
        std::uint32_t corrupted = 0;  ///< how many of 1,000 pieces have one byte changed
    };
    struct tally {
        std::size_t connections = 0;  ///< that were accepted so far
        std::size_t open = 0;
        std::size_t passed = 0;  ///< bytes, both ways
        std::size_t corrupted = 0;
        std::size_t reset = 0;  ///< connections that were cut
    };

    /// Takes connections at a port that the system chooses, for `server`. Which bytes are hit follows from `seed`.
    fault_proxy(endpoint server, std::uint64_t seed);
    fault_proxy(const fault_proxy&) = delete;
    fault_proxy& operator=(const fault_proxy&) = delete;
    ~fault_proxy();

    [[nodiscard]] const endpoint& where() const noexcept;

    /// Where connections go that come from now on; those that are there stay.
    void lead_to(endpoint server);
    void set(way which, const conditions& what);
    /// No faults any more; connections stay as they are.
    void heal();

    /// Cuts every connection with a reset.
    void reset_all();
    /// Of each connection, the next piece of this way is passed on in part, and then the connection is reset.
    void reset_within_next(way which);
    /// One byte of the next piece of each connection is changed.
    void corrupt_next(way which);
    /// Tells the receivers of this way that nothing more comes; the other way goes on.
    void half_close(way which);

    [[nodiscard]] tally count() const;

  private:
    class engine;
    std::unique_ptr<engine> engine_;
};

}  // namespace sheaf::test
