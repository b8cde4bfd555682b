// The file in which a run keeps an account of itself, so that another driver can go on when this one is killed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "map_reduce/run_notes.hpp"
#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// The notes at the front of `bytes`, the content of a journal, up to the first one that is cut off, damaged or not understood.
struct journal_text {
    std::vector<run_note> notes;
    std::uint64_t valid_bytes = 0;
};
[[nodiscard]] journal_text read_notes(std::string_view bytes);
/// Only the first note, if it is a header of this version.
[[nodiscard]] std::optional<run_header> read_header(const std::filesystem::path& journal);
/// Those of a file; none when it cannot be read.
[[nodiscard]] journal_text read_journal(const std::filesystem::path& journal);

/// Appends notes. A note is a length, a checksum and its encoding, written by one call, so that a killed driver leaves at most
/// one that is cut off. It is synced only where somebody asks for that: what a machine's crash takes, of segments and outputs, too, is
/// made again. Notes for which the disk has no space wait for the next one.
class journal {
  public:
    /// Begins a new one, or goes on after the first `valid_bytes` of an old one.
    journal(const std::filesystem::path& path, std::uint64_t valid_bytes);

    /// What cannot be written is tried again with the next note.
    void append(const run_note& note);
    /// Returns when what has been written is on the disk, as far as that can be done.
    void sync();
    /// Why notes are missing, if some are: the run goes on, but whoever resumes it does again what they say.
    [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }

  private:
    void write();
    void fail(int error_number);

    std::filesystem::path path_;
    unique_fd file_;
    std::uint64_t bytes_;  // of it that are good
    std::string unwritten_;
    std::string trouble_;
};

}  // namespace sheaf::detail
