// Which job a command means, and how servers are asked about it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "apps/named_cluster.hpp"
#include <sheaf/runtime/client.hpp>

namespace sheaf::apps {

/// One of them is set.
struct job_address {
    std::string job;     ///< a handle, or the id of a typed background job
    std::string unique;  ///< a unique key
};

/// A job, in the words of the server's own functions.
struct job_target {
    std::string words;
    std::vector<endpoint> servers;  ///< one of them has it
};
/// An id leads to its own server, unless `where` names others.
[[nodiscard]] basic_result<job_target> find_job(const target_options& where, const job_address& which);

/// To ask `servers` something that may take `timeout`; 0: as long as it likes. One that cannot be reached is known before that.
[[nodiscard]] runtime::client_options asking(std::vector<endpoint> servers, std::chrono::milliseconds timeout);

/// What server number `server` answers when `words` are sent to its own `function`.
[[nodiscard]] basic_result<std::string> ask_server(runtime::client& client, std::size_t server,
                                                   std::string_view function, const std::string& words,
                                                   std::chrono::milliseconds timeout);

/// What sheaf.job says, and which server said it: the first that knows the job. When none does, the first that answered.
struct job_report {
    std::size_t server = 0;
    std::string json;
};
[[nodiscard]] basic_result<job_report> ask_about_job(runtime::client& client, const std::string& words,
                                                     std::chrono::milliseconds timeout);

}  // namespace sheaf::apps
