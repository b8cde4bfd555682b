// What map and reduce attempts share: what they are given besides their assignment, and how they tell how far they are.
// Not for users.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <sheaf/detail/attempt_hooks.hpp>
#include <sheaf/detail/map_reduce_units.hpp>

namespace sheaf::detail {

/// This process as reports name it: "host/pid".
[[nodiscard]] std::string worker_name();

/// Measures an attempt.
class attempt_clock {
  public:
    /// This process, and the time since this was made.
    [[nodiscard]] attempt_facts facts() const;

  private:
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// What the names of all files begin with that an attempt makes for others: "map-3-1-".
[[nodiscard]] std::string attempt_file_prefix(std::string_view stage, std::uint32_t index, std::uint32_t attempt);

/// Throws runtime_failure unless `directory` holds the file "nonce" with `nonce` in it: the run directory, as the driver
/// sees it. Another worker may see it. Without a nonce, the directory is one that place_attempt() has found.
void check_run_directory(const std::string& directory, const std::string& nonce);

}  // namespace sheaf::detail
