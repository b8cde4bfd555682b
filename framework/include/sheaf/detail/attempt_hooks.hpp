// What an attempt is given besides its assignment. Not for users.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>

#include <sheaf/detail/byte_reader.hpp>

namespace sheaf::detail {

class segment_shelf;

/// Aggregate. All may be left out.
struct attempt_hooks {
    std::stop_token stop{};
    /// Called on the attempt's thread with bytes of input done and in all, at most ten times a second.
    std::function<void(std::uint64_t done, std::uint64_t total)> progress{};
    /// Opens inputs that are no files of this host.
    remote_opener open{};
    /// Of a reduce attempt that reads them more than once: the segment files that it has open.
    segment_shelf* shelf = nullptr;
};

/// Throws runtime_failure with errc::cancelled when a stop has been asked for.
void check_stop(const std::stop_token& stop);

/// Passes on how far an attempt is, not too often.
class progress_gauge {
  public:
    progress_gauge(const attempt_hooks& hooks, std::uint64_t total) : hooks_(hooks), total_(total) {}
    void advance(std::uint64_t bytes) { reach(done_ + bytes); }
    void reach(std::uint64_t done);

  private:
    const attempt_hooks& hooks_;
    std::uint64_t total_;
    std::uint64_t done_ = 0;
    std::chrono::steady_clock::time_point next_;
};

}  // namespace sheaf::detail
