// How one call, or each call of a scatter or a stage, is made.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include <sheaf/retry.hpp>
#include <sheaf/runtime/client.hpp>

namespace sheaf {

using priority = runtime::job_priority;

/// For call_options::deadline: waits as long as it takes.
inline constexpr std::chrono::milliseconds forever = std::chrono::milliseconds::max();

/// Calls of one task that are made at the same time, and are the same, become one.
class unique_key {
  public:
    /// Never.
    unique_key() = default;
    /// Calls with the same `key` are the same.
    unique_key(std::string key) : key_(std::move(key)) {}  // NOLINT: a string is one
    unique_key(const char* key) : key_(key) {}             // NOLINT: as above
    /// Calls with the same arguments are the same.
    [[nodiscard]] static unique_key by_arguments() {
        unique_key derived;
        derived.derived_ = true;
        return derived;
    }

    [[nodiscard]] bool empty() const noexcept { return key_.empty() && !derived_; }
    [[nodiscard]] bool derived() const noexcept { return derived_; }
    [[nodiscard]] const std::string& key() const noexcept { return key_; }

  private:
    std::string key_;
    bool derived_ = false;
};
/// For call_options::unique: the key is made from the arguments.
inline const unique_key by_arguments = unique_key::by_arguments();

/// Aggregate: name what differs from the defaults. A clock of 0 does not run.
struct call_options {
    /// The whole call, all attempts and all waiting. Ends with errc::timeout.
    std::chrono::milliseconds deadline = std::chrono::hours(1);
    /// One attempt, from when the handler begins. The worker enforces it, and the client when the worker does not answer.
    std::chrono::milliseconds attempt_timeout{0};
    /// From when an attempt is submitted until its handler begins. Ends with errc::no_worker when nobody offers the task,
    /// else with errc::timeout.
    std::chrono::milliseconds queue_timeout{0};
    /// A worker that runs the call and gives no sign of life for so long counts as lost. Workers give signs by themselves.
    std::chrono::milliseconds heartbeat{0};
    /// How often the call is tried. A handler may then run twice.
    sheaf::retry retry{};
    /// Only of tasks declared idempotent: when there is no result after so long, the call is made once more, elsewhere, and
    /// whichever ends first counts. 0: never.
    std::chrono::milliseconds hedge{0};
    sheaf::priority priority = sheaf::priority::normal;
    /// Calls of one task with the same key, at the same time, are one call; they cannot be hedged, nor cancelled for others.
    unique_key unique{};
    /// Ends the call with errc::cancelled, and stops its handler.
    std::stop_token stop{};
    /// What the handler says of its progress, and its warnings. Called on the thread that does the I/O: must be short, and
    /// neither block nor throw.
    std::function<void(std::uint64_t done, std::uint64_t total)> on_progress{};
    std::function<void(std::string_view text)> on_warning{};
};

}  // namespace sheaf
