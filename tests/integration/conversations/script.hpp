// Conversations with a job server, written down as text.
//
//   === a job goes to a worker, and its result to the client
//   worker: CAN_DO up
//   client: SUBMIT_JOB up|key|data
//   worker: GRAB_JOB
//   worker: WORK_COMPLETE {1}|DATA
//   operator> status
//   client: leaves
//
// `|` is a NUL, {1} the first handle that the server gave, {x*150} 150 times x, \x80 any byte, and `\xNN...` after `bytes` no packet at
// all. `NAME>` sends a line of the text protocol and \r\n, `NAME: RES ...` a packet that calls itself a response. Below its title, `options:`
// are what both servers are started with.
//
// What the two servers answer to a step must be equal. Where it is not on purpose, the step says what each answers, with `*` for
// anything, and under which subject docs/protocol.md has the reason:
//
//   worker: ALL_YOURS
//       gearmand: worker ERROR INVALID_COMMAND|Command not expected
//       sheafd:
//       why: ALL_YOURS
//
// A title that begins with "only sheafd: " is never played to gearmand, which would crash, hang or leak: all answers are written down.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace sheaf::test {

/// One thing that a peer does.
struct step {
    enum class kind { packet, response, bytes, line, leaves };

    int line_number = 0;
    std::string peer;
    kind what = kind::packet;
    std::string packet;                 ///< its type's name
    std::string text;                   ///< body, bytes or line, as written
    std::vector<std::string> gearmand;  ///< the answers, where they differ
    std::vector<std::string> sheafd;
    std::string why;  ///< the subject of the deviation; empty: there is none
};

struct script {
    std::string title;
    bool only_sheafd = false;
    std::vector<std::string> options;
    std::vector<step> steps;
};

/// For GoogleTest, which would print bytes.
inline void PrintTo(const script& talk, std::ostream* out) { *out << talk.title; }

/// The conversations in the file at `path`. Throws std::runtime_error with the line that makes no sense.
std::vector<script> read_scripts(const std::string& path);

}  // namespace sheaf::test
