// The one file that is the output of a run whose attempts know their places in it before they write: how big the records are, and how
// many come before. Not for users.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sheaf/detail/file.hpp>
#include <sheaf/detail/output_format.hpp>

namespace sheaf::detail {

struct attempt_hooks;
struct reduce_assignment;

/// Its name in the output directory.
inline constexpr std::string_view common_file_name = "common";
/// The name of the file there that is locked by who writes to the partition's place. When that has been filled there is something in it.
[[nodiscard]] inline std::string claim_name(std::uint32_t partition) { return "claimed-" + std::to_string(partition); }

/// A partition's place in the common file, which nobody else writes to as long as this is there. The kernel holds the claim, a lock on a file,
/// and releases it when the process ends in whatever way.
class claimed_place {
  public:
    /// Nothing when somebody holds the claim or has filled the place, were it the same attempt that somebody has started twice; or
    /// when there is no such file.
    [[nodiscard]] static std::optional<claimed_place> claim(const std::string& directory, std::uint32_t partition,
                                                            const file_range& where);
    /// The same where the place may have been filled by an attempt that did not count. For who accepts attempts.
    [[nodiscard]] static std::optional<claimed_place> take_back(const std::string& directory, std::uint32_t partition,
                                                                const file_range& where);
    [[nodiscard]] const file_range& where() const noexcept { return where_; }
    /// Whether so many bytes more have room.
    [[nodiscard]] bool has_room(std::uint64_t bytes) const noexcept { return bytes <= where_.length - written_; }
    [[nodiscard]] bool full() const noexcept { return written_ == where_.length; }
    /// Throws as file::write does. There must be room.
    void write(std::string_view bytes);
    /// Writes all that has been written to `to` as well.
    void copy_to(pending_file& to) const;
    /// It is full, and nobody gets it any more.
    void keep();

  private:
    claimed_place(file to, file claim, const file_range& where)
        : file_(std::move(to)), claim_(std::move(claim)), where_(where) {}

    file file_;
    file claim_;  // locked
    file_range where_;
    std::uint64_t written_ = 0;
};

/// The place of the attempt's output, when it can be told and nobody else has it. Throws segment_lost.
[[nodiscard]] std::optional<claimed_place> claim_place(const reduce_assignment& what, const attempt_hooks& hooks);

}  // namespace sheaf::detail
