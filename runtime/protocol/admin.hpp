// The text protocol that operators and monitors speak on the same port: lines <-> typed values.
//
// Requests are words separated by blanks, in any case. Replies are what gearmand 1.1.20 sends, byte for byte.
// Names in rows come from peers; a control character in one would forge rows, and is shown as '?'.
#pragma once

#include <array>
#include <cstdint>
#include <ranges>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/output_buffer.hpp"
#include "protocol/packet.hpp"

namespace sheaf::protocol {
namespace admin {

/// `status`: append_status for each function, then append_end.
struct status {};
/// `prioritystatus`: append_priority_status for each function, then append_end.
struct priority_status {};
/// `workers`: append_worker for each connection (clients and the asker too), then append_end.
struct workers {};
/// `show jobs`: append_job for each job, then append_end.
struct show_jobs {};
/// `show unique jobs`: append_unique for each job, then append_end.
struct show_unique_jobs {};
/// `cancel job HANDLE`: append_ok, append_unknown_job, or append_error when it is done, but might be undone by a crash.
struct cancel_job {
    std::string_view handle;
};
/// `maxqueue FUNCTION [N | HIGH NORMAL [LOW]]`: append_ok, also for a function that does not exist.
struct max_queue {
    std::string_view function;
    std::array<std::uint32_t, priority_count> limits{};  ///< indexed by priority; 0: no limit
};
/// `create function FUNCTION`: append_ok.
struct create_function {
    std::string_view function;
};
/// `drop function FUNCTION`: append_ok, append_function_not_found or append_function_in_use.
struct drop_function {
    std::string_view function;
};
/// `getpid`: append_ok_line with the process id.
struct get_pid {};
/// `verbose`: append_ok_line with the log level, such as "ERROR".
struct verbose {};
/// `version`: append_ok_line with the version.
struct version {};
/// `jobs`, of the Perl server: append_perl_job for each job, then append_end.
struct perl_jobs {};
/// `clients`, of the Perl server: for each connection append_perl_client, and append_perl_client_job for each job that it waits
/// for; then append_end.
struct perl_clients {};
/// `shutdown [graceful]`: append_ok. gearmand dropped it in 1.1.15: a server that does not offer it answers
/// append_unknown_command with `word`, as gearmand does.
struct shutdown {
    std::string_view word;  ///< "shutdown" as it was typed
    bool graceful = false;  ///< whether running jobs may end first
};
/// Anything else.
struct malformed {
    std::string reply;  ///< the whole answer, with its line end
};

}  // namespace admin

/// What a line asks for. Its views point into the line.
using admin_request = std::variant<admin::status, admin::priority_status, admin::workers, admin::show_jobs,
                                   admin::show_unique_jobs, admin::cancel_job, admin::max_queue, admin::create_function,
                                   admin::drop_function, admin::get_pid, admin::verbose, admin::version,
                                   admin::perl_jobs, admin::perl_clients, admin::shutdown, admin::malformed>;

/// The most words that a request may have (`maxqueue F high normal low`).
inline constexpr std::size_t admin_words_max = 5;

/// Reads `line`, which comes without its line end.
[[nodiscard]] admin_request parse_admin(std::string_view line);

namespace admin {

/// What `status` says of one function.
struct function_counts {
    std::size_t total = 0;    ///< waiting and running
    std::size_t running = 0;  ///< handed to a worker
    std::size_t workers = 0;  ///< connections that offer the function
};

/// A row of `status`.
void append_status(output_buffer& out, std::string_view function, const function_counts& counts);
/// A row of `prioritystatus`; `queued` is indexed by priority and leaves running jobs out.
void append_priority_status(output_buffer& out, std::string_view function,
                            const std::array<std::size_t, priority_count>& queued, std::size_t workers);
/// A row of `show jobs`. `background` is what gearmand calls queued.
void append_job(output_buffer& out, std::string_view handle, unsigned retries, bool ignored, bool background);
/// A row of `show unique jobs`.
void append_unique(output_buffer& out, std::string_view unique);

/// A row of `jobs`. `worker` is "-" when nobody runs the job; `listeners` is how many clients wait for it.
void append_perl_job(output_buffer& out, std::string_view function, std::string_view unique, std::string_view worker,
                     std::size_t listeners);
/// A row of `clients`: one connection.
void append_perl_client(output_buffer& out, std::string_view address, int descriptor);
/// A row below that: a job that it waits for.
void append_perl_client_job(output_buffer& out, std::string_view function, std::string_view unique,
                            std::string_view worker);

namespace detail {
void append_worker_head(output_buffer& out, int descriptor, std::string_view address, std::string_view id);
void append_worker_function(output_buffer& out, std::string_view function);
}  // namespace detail

/// A row of `workers`: `functions` is any range of what converts to std::string_view; `id` is "-" when none
/// was set.
template <std::ranges::input_range Functions>
void append_worker(output_buffer& out, int descriptor, std::string_view address, std::string_view id,
                   Functions&& functions) {
    detail::append_worker_head(out, descriptor, address, id);
    for (auto&& function : functions) detail::append_worker_function(out, std::string_view(function));
    out.append("\n");
}

/// The line that ends every list.
void append_end(output_buffer& out);
/// Success of a command that changes something.
void append_ok(output_buffer& out);
/// The answer of a command that asks for one `value`.
void append_ok_line(output_buffer& out, std::string_view value);
/// The job to be cancelled is not there.
void append_unknown_job(output_buffer& out);
/// What went wrong, in gearmand's form: "ERR CODE The+words".
void append_error(output_buffer& out, std::string_view code, std::string_view words);
/// The function to be dropped is not there.
void append_function_not_found(output_buffer& out);
/// The function to be dropped still has workers or jobs.
void append_function_in_use(output_buffer& out);
/// There is no command `word`.
void append_unknown_command(output_buffer& out, std::string_view word);

}  // namespace admin
}  // namespace sheaf::protocol
