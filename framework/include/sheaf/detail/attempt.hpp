// What map and reduce attempts share: what they are given besides their assignment, and how they tell how far they are.
// Not for users.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include <sheaf/detail/map_reduce_units.hpp>

namespace sheaf::detail {

/// Aggregate. Both may be left out.
struct attempt_hooks {
    std::stop_token stop{};
    /// Called on the attempt's thread with bytes of input done and in all, at most ten times a second.
    std::function<void(std::uint64_t done, std::uint64_t total)> progress{};
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

/// Measures an attempt.
class attempt_clock {
  public:
    /// This process, and the time since this was made.
    [[nodiscard]] attempt_facts facts() const;

  private:
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// Throws runtime_failure unless `directory` holds the file "nonce" with `nonce` in it: the run directory, as the driver
/// sees it. Another worker may see it.
void check_run_directory(const std::string& directory, const std::string& nonce);

}  // namespace sheaf::detail
