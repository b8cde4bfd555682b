// What SQLite's write-ahead log holds, and what it would leave out in silence. Changes nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <istream>
#include <string>

namespace sheaf::store {

/// SQLite reads a log up to the last commit before the first frame whose checksum is wrong, and says nothing of the rest.
struct log_account {
    std::uint64_t commits = 0;      ///< whole ones
    std::uint64_t bytes = 0;        ///< of the log up to the end of the last of them
    std::uint64_t bytes_after = 0;  ///< that were written after the last of them, as part of the same log
    /// There are commits behind what is broken: no crash in the midst of a commit leaves that, since each is on the disk before the
    /// next one begins.
    bool is_damaged = false;
};

/// Reads `log` to its end. It may hold anything.
[[nodiscard]] log_account check_log(std::istream& log);

/// Of the database at `path`; as empty when there is none.
[[nodiscard]] log_account check_log_of(const std::filesystem::path& path);
/// The log of the database at `path`, and the journal that other programs may have beside it.
[[nodiscard]] std::filesystem::path log_of(const std::filesystem::path& path);
[[nodiscard]] std::filesystem::path journal_of(const std::filesystem::path& path);
/// What a damaged one means, for a person.
[[nodiscard]] std::string words_of_damage(const std::filesystem::path& path, const log_account& found);

/// Copies the log of the database at `path` to a name beside it that no other has, for SQLite writes over what is damaged. Says which
/// name. Throws std::filesystem::filesystem_error.
std::filesystem::path set_damaged_log_aside(const std::filesystem::path& path);

}  // namespace sheaf::store
