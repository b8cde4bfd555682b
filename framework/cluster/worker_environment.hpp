// What the environment says to a worker process beside its role.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "cluster/role.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::detail {

/// How long a handler may go on after its stop_token has fired.
inline constexpr std::chrono::milliseconds default_stop_grace{2000};

struct worker_environment {
    std::string only;  ///< SHEAF_ONLY: which tasks are offered, as is_meant() reads it
    std::chrono::milliseconds stop_grace = default_stop_grace;  ///< SHEAF_STOP_GRACE, in seconds there
    std::size_t threads = 0;    ///< SHEAF_THREADS: for algorithms within handlers; 0: its share of the cores
    std::size_t index = 0;      ///< which of the processes that serve the same tasks; set by supervisors
    std::size_t processes = 1;  ///< how many there are on this host; set by supervisors
};

/// Errors are sentences that name the variable.
[[nodiscard]] basic_result<worker_environment> read_worker_environment(const environment_lookup& environment);

/// That of this process, with the variables removed, so that programs which handlers start do not have them. Call before
/// there are other threads.
[[nodiscard]] basic_result<worker_environment> take_worker_environment();

/// Puts into `environment`, "NAME=value" each, which process of how many a worker is and, unless it is empty, what it offers
/// only, in place of what was there.
void set_worker_place(std::vector<std::string>& environment, std::size_t index, std::size_t processes,
                      const std::string& only);

}  // namespace sheaf::detail
