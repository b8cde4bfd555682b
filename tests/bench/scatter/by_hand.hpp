// What Sheaf is measured beside: the same messages between processes over Unix sockets, with as little as that takes.
#pragma once

#include <cstddef>

namespace sheaf::bench {

/// The bytes of one call's messages, as Gearman's packets have them.
struct message_sizes {
    std::size_t request = 0;
    std::size_t answer = 0;
};

/// One call at a time from this process through a relay process to a worker process and back: four hops. Returns the median
/// of a call in microseconds.
double relay_latency(std::size_t calls, message_sizes sizes);

/// `calls` from this process to `workers` processes, without a server between; `window` are out at each. Returns calls per
/// second.
double pool_rate(std::size_t calls, std::size_t workers, std::size_t window, message_sizes sizes);

}  // namespace sheaf::bench
