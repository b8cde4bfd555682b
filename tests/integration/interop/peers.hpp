// The kinds of clients and workers there are, and how they are started. Each is a small program in peers/ with one form of command
// line, so that the test need not know in which language it is written:
//
//   client HOST PORT FUNCTION FILE [unique=KEY] [priority=high|low] [background] [status]
//
// submits a job with the contents of FILE, and tells what comes, a line each: "data HEX", "warning HEX", "status N D", "complete
// HEX", "exception HEX", "fail"; of a background job "created HANDLE", and with `status`, once there is a line of standard input,
// "known KNOWN RUNNING N D".
//
//   worker HOST PORT
//
// offers these functions:
//
//   reverse    the payload backwards
//   chunks     the data "one" and "two", then "three"
//   warn       the warning "careful", then "done"
//   throw      the exception "gone wrong"
//   fail       fails
//   progress   the statuses 1/4 and 3/4, then "done"
//   log        prints "ran KEY PAYLOAD", then the payload
//
// Between its statuses, or before it prints, a job whose payload is "hold" prints "holding", and waits for a line of standard input.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.hpp"

namespace sheaf::test::interop {

enum class peer { ours, tool, php, perl, node };
inline constexpr std::array all_peers{peer::ours, peer::tool, peer::php, peer::perl, peer::node};
inline constexpr std::array<std::string_view, 7> functions{"reverse", "chunks",   "warn", "throw",
                                                           "fail",    "progress", "log"};

[[nodiscard]] std::string_view name_of(peer which);

enum class server { sheafd, gearmand };
[[nodiscard]] std::string_view name_of(server which);

[[nodiscard]] command client_command(peer which, const std::string& port, const std::vector<std::string>& words);
/// One command, or one for each of `functions` where a process can serve but one.
[[nodiscard]] std::vector<command> worker_commands(peer which, const std::string& port);
/// Fails the test where the peer cannot run at all, and says what to install.
void require(peer which);

}  // namespace sheaf::test::interop
