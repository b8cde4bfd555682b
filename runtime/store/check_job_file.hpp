// Whether a file of jobs is sound, found out without a server.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sheaf::store {

/// What a file of jobs holds, and what is wrong with it.
struct job_file_account {
    std::int64_t format = 0;
    std::uint64_t jobs = 0;
    std::uint64_t results = 0;
    std::uint64_t letters = 0;
    std::uint64_t runs = 0;  ///< detached pipelines, with those that have ended
    std::uint64_t bytes = 0;
    std::vector<std::string> faults{};  ///< a sentence each; at most a hundred
    /// Of the log, what was written after its last whole commit: a crash in the midst of one leaves that, too, and it loses nothing.
    std::uint64_t log_bytes_after = 0;
    std::vector<std::string> losses{};  ///< what is gone for good, while the rest is sound
};

/// Reads all of `path` and what a killed server has left in its log, and changes neither. Throws
/// runtime_failure when a server has it open, when it is of a newer version, and when it is no file of jobs at all.
[[nodiscard]] job_file_account check_job_file(const std::filesystem::path& path);

}  // namespace sheaf::store
