// Other queues that keep what they acknowledge on the disk, for figures from the same machine in the same minute.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace sheaf::bench {

/// How many jobs a second it takes, of `jobs` with `in_flight` on their way at once. Nothing when it is not installed.
using peer_rate =
    std::function<std::optional<double>(const std::filesystem::path& place, std::size_t jobs, std::size_t in_flight)>;
struct peer {
    std::string name;
    std::size_t most;  ///< jobs that are enough to measure it
    peer_rate rate;
};

/// gearmand with -q libsqlite3, and all that `enqueue` needs is its port.
[[nodiscard]] peer gearmand_with_sqlite(
    std::function<double(std::uint16_t port, std::size_t jobs, std::size_t in_flight)> enqueue);
/// beanstalkd -b DIR -f 0: a sync for each write.
[[nodiscard]] peer beanstalkd();
/// redis-server --appendonly yes --appendfsync always, with LPUSH.
[[nodiscard]] peer redis();

}  // namespace sheaf::bench
