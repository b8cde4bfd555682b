// Faults inside another process: its writes, syncs and renames fail, are slow, or are the last thing that it does; and the order
// in which it wrote, synced and sent.
//
//   disk_faults faults;
//   sheafd_process server({"--data-dir", directory}, faults.environment());
//   faults.arm({.of = shim::call::sync, .what = shim::action::fail, .error = EIO, .file = "jobs.sqlite-wal"});
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "support/fault_shim/board.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {

/// What is to happen to calls of one kind.
struct disk_fault {
    shim::call of = shim::call::write;
    shim::action what = shim::action::fail;
    int error = EIO;
    std::uint32_t milliseconds = 0;
    std::string file{};        ///< for files whose path contains this; empty: for all
    std::int64_t passing = 0;  ///< how many calls are left alone first
    std::int64_t times = std::numeric_limits<std::int64_t>::max();  ///< and how many are acted on then
};

/// The status with which a process is gone by shim::action::exit.
inline constexpr int disk_fault_exit = 86;

/// An entry of the log.
struct disk_event {
    std::uint64_t sequence = 0;
    shim::event_kind what{};
    std::string path;
    std::string data;
};

class disk_faults {
  public:
    using rule_number = std::size_t;

    disk_faults();
    disk_faults(const disk_faults&) = delete;
    disk_faults& operator=(const disk_faults&) = delete;
    ~disk_faults();

    /// What a process needs to come under the rules; `preloaded` are libraries that it is to load, too.
    [[nodiscard]] std::vector<std::string> environment(const std::vector<std::string>& preloaded = {}) const;

    /// In force at once, for every process with this environment. At most eight rules at a time.
    rule_number arm(const disk_fault& what);
    void disarm(rule_number one);
    void disarm_all();
    /// How often it has acted.
    [[nodiscard]] std::uint64_t hits(rule_number one) const;

    /// From now on, notes writes and syncs of files whose path contains `file`, and everything that is sent.
    void start_log(std::string_view file);
    /// What was noted, in order.
    [[nodiscard]] std::vector<disk_event> log() const;

  private:
    scratch_directory place_;
    shim::board* board_ = nullptr;
};

}  // namespace sheaf::test
