// What a test and the faults inside another process share: rules for its calls, and the order in which they happen. One file,
// mapped by both, so that rules change while the process runs.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace sheaf::test::shim {

/// Names the board's file to the library in the process.
inline constexpr const char* board_variable = "SHEAF_FAULT_BOARD";
/// The log's file is the board's with this at its end.
inline constexpr const char* log_suffix = ".log";

/// A kind of calls that rules are about.
enum class call : std::uint32_t {
    write,   ///< write, pwrite
    sync,    ///< fdatasync, fsync
    rename,  ///< of a file to the name that the rule is for
};

enum class action : std::uint32_t {
    fail,        ///< the call is not made, and returns the rule's error
    delay,       ///< the call is made after a while, or when the rule is no longer in force
    exit,        ///< the process is gone before the call
    exit_after,  ///< the process is gone after the call, before its caller hears of it
};

/// Acts on calls for files whose path contains `file`. All but the counters is written while `armed` is 0.
struct rule {
    std::atomic<std::uint32_t> armed;
    call of;
    action what;
    std::int32_t error;
    std::uint32_t milliseconds;
    std::array<char, 128> file;
    std::atomic<std::int64_t> passing;  ///< calls that are left alone first
    std::atomic<std::int64_t> left;     ///< calls that are acted on after those
    std::atomic<std::uint64_t> hits;    ///< calls that were acted on
};

struct board {
    std::array<rule, 8> rules;
    /// Whether the log is written, and of which files; of sockets it has everything.
    std::atomic<std::uint32_t> logging;
    std::array<char, 128> logged_file;
    std::atomic<std::uint64_t> sequence;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free);

/// What an entry of the log says. An entry is a record_head, followed by the path and the data.
enum class event_kind : std::uint32_t {
    written,      ///< data is in the file, as others read it; noted after the call
    sync_begins,  ///< noted before the call
    synced,       ///< noted after a call that succeeded
    sends,        ///< data leaves by a socket; noted before the call
};

struct record_head {
    std::uint64_t sequence;
    event_kind what;
    std::uint32_t path_bytes;
    std::uint64_t data_bytes;
};

}  // namespace sheaf::test::shim
