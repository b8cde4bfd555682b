// The posts of a supervisor: for each there is a process, and when that ends, its successor.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cluster/child_process.hpp"
#include "cluster/end_account.hpp"
#include "cluster/end_watch.hpp"
#include "cluster/restart_policy.hpp"
#include "cluster/supervisor.hpp"

namespace sheaf::detail {

struct post {
    using time_point = std::chrono::steady_clock::time_point;

    /// A process is about to be started.
    void begin(time_point now);
    /// What is known of the end of its process, which has just ended like that.
    [[nodiscard]] end_circumstances circumstances(const exit_report& how) const;
    /// When its process has had `limit` to reach app.run(); nothing when it has, or there is no limit (0).
    [[nodiscard]] std::optional<time_point> must_begin_by(std::chrono::milliseconds limit) const;

    restart_policy policy{};
    std::optional<child_process> child{};
    time_point start_at{};  ///< of the next one, while there is none
    time_point started{};
    bool reached = false;  ///< it has said something, so it is a worker
    bool ready = false;
    bool retiring = false;  ///< there is one process too many, and this one has been told to end
    bool killed = false;    ///< we have sent it SIGKILL
    end_watch watch{};
    std::optional<std::uint64_t> memory_kills{};  ///< of the whole machine, when it was started
    /// What it offers only, and which process it is of how many that offer the same.
    std::string only{};
    std::size_t index = 0;
};

/// First those whose number can change, then the dedicated ones.
[[nodiscard]] std::vector<post> posts_for(const supervisor_options& how);
/// How many there may be of the first kind, and how many there are of the other.
[[nodiscard]] std::size_t common_processes_max(const supervisor_options& how);
[[nodiscard]] std::size_t dedicated_processes_of(const supervisor_options& how);

}  // namespace sheaf::detail
