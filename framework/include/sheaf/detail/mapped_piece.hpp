// One piece of a text file as a map attempt reads it: the lines that begin in it, whole. Not for users.
#pragma once

#include <cstdint>
#include <string_view>

#include <sheaf/detail/file.hpp>
#include <sheaf/detail/map_reduce_units.hpp>
#include <sheaf/detail/mapped_file.hpp>
#include <sheaf/text_split.hpp>

namespace sheaf::detail {

/// Where in a text the lines are that begin in a stretch of it.
struct line_bounds {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// Finds the lines that begin in [offset, offset + length) of a file of `file_size` bytes. `bytes` is the file from
/// `bytes_offset` on, to its end; that must be offset - 1, or 0 when offset is 0.
/// A line begins at 0 and after each newline; one that would begin at the file's end does not exist.
[[nodiscard]] line_bounds lines_beginning_in(std::string_view bytes, std::uint64_t bytes_offset, std::uint64_t offset,
                                             std::uint64_t length);

/// Maps a piece. Throws unit_refused when the file cannot be read or is not the one that the driver saw.
class mapped_piece {
  public:
    explicit mapped_piece(const input_piece& what);

    [[nodiscard]] text_split split() const noexcept;
    /// Throws unit_refused unless what split() gave was really the file's content. To be asked after the mapper has run.
    void check_unchanged() const;

  private:
    void check_size(std::uint64_t now) const;

    const input_piece* what_;
    file file_;
    std::int64_t modified_ = 0;
    mapped_file mapped_;
    std::string_view text_;
    std::uint64_t text_offset_ = 0;
};

}  // namespace sheaf::detail
