// Waiting for a job server, for who waits in turn for the line that says a worker is ready.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <sheaf/runtime/endpoint.hpp>

namespace sheaf::apps {

/// Returns when one of `servers` answers, or when it is over: `is_over` waits for that, for as long as it is told, and says
/// whether it is. `say` is told once that workers keep trying to connect.
void wait_for_server(const std::vector<endpoint>& servers,
                     const std::function<bool(std::chrono::milliseconds)>& is_over,
                     const std::function<void(const std::string&)>& say);

}  // namespace sheaf::apps
