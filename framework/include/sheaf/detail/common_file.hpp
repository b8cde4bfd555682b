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
/// The name of the file there that says that somebody has claimed the partition's place.
[[nodiscard]] inline std::string claim_name(std::uint32_t partition) { return "claimed-" + std::to_string(partition); }

/// A partition's place in the common file, which whoever holds this is the only one ever to write to: no other attempt at the partition
/// gets it, were it the same attempt that somebody has started twice.
class claimed_place {
  public:
    /// Nothing when it has been claimed before, or there is no such file.
    [[nodiscard]] static std::optional<claimed_place> claim(const std::string& directory, std::uint32_t partition,
                                                            const file_range& where);
    claimed_place(claimed_place&& other) noexcept
        : file_(std::move(other.file_)),
          claim_(std::exchange(other.claim_, {})),
          where_(other.where_),
          written_(other.written_) {}
    claimed_place& operator=(claimed_place&&) = delete;
    /// Gives the claim back, unless it is kept: what has been written there means nothing.
    ~claimed_place();

    [[nodiscard]] const file_range& where() const noexcept { return where_; }
    /// Whether so many bytes more have room.
    [[nodiscard]] bool has_room(std::uint64_t bytes) const noexcept { return bytes <= where_.length - written_; }
    [[nodiscard]] bool full() const noexcept { return written_ == where_.length; }
    /// Throws as file::write does. There must be room.
    void write(std::string_view bytes);
    /// Writes all that has been written to `to` as well.
    void copy_to(pending_file& to) const;
    /// It is full, and remains.
    void keep();

  private:
    claimed_place(file to, std::string claim, const file_range& where)
        : file_(std::move(to)), claim_(std::move(claim)), where_(where) {}

    file file_;
    std::string claim_;  // the file that says so; empty when the claim is kept
    file_range where_;
    std::uint64_t written_ = 0;
};

/// The place of the attempt's output, when it can be told and nobody else has it. Throws segment_lost.
[[nodiscard]] std::optional<claimed_place> claim_place(const reduce_assignment& what, const attempt_hooks& hooks);

}  // namespace sheaf::detail
