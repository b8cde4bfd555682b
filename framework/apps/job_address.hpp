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

/// What server number `server` answers when `words` are sent to its own `function`. One of several is not waited for when it
/// cannot be reached.
[[nodiscard]] basic_result<std::string> ask_server(runtime::client& client, std::size_t server,
                                                   std::string_view function, const std::string& words,
                                                   std::chrono::milliseconds timeout);
/// The same of the only one, if it is there.
[[nodiscard]] basic_result<std::string> ask_server_if_there(runtime::client& client, std::string_view function,
                                                            const std::string& words,
                                                            std::chrono::milliseconds timeout);

/// Which server has what is looked for, and what it says of it. When none has it: the first that answered.
struct found_at {
    std::size_t server = 0;
    std::string said;
};
/// Asks all of them at once. `has_it` reads an answer. `timeout` 0: as long as it takes. While one is away that may have it, nobody
/// knows.
[[nodiscard]] basic_result<found_at> ask_who_has_it(runtime::client& client, std::string_view function,
                                                    const std::string& words, bool (*has_it)(std::string_view),
                                                    std::chrono::milliseconds timeout);
/// What sheaf.job says of a job.
[[nodiscard]] basic_result<found_at> ask_about_job(runtime::client& client, const std::string& words,
                                                   std::chrono::milliseconds timeout);

}  // namespace sheaf::apps
