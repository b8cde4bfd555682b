// Making a single file of the parts of an output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sheaf/detail/output_format.hpp>
#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// A file, or a stretch of one.
struct joined_piece {
    std::filesystem::path path;
    std::optional<file_range> range{};
};

struct join_options {
    std::string head{};    ///< what the file begins with
    bool typed = false;    ///< the pieces are typed files, whose records ...
    std::string schema{};  ///< ... are of this type
    bool keep_pieces =
        false;  ///< else each file goes when it has been joined, since its space may be needed for the next
};

/// Writes the content of all pieces, in order, to a new file, and on to the disk. When the disk is full it can go on later.
class file_joiner {
  public:
    file_joiner(std::vector<joined_piece> pieces, std::filesystem::path to, join_options how);

    /// Joins what is not joined yet. To be called again after a failure that wants_space().
    [[nodiscard]] basic_result<void, error> run();
    /// Whether the last failure was for want of space.
    [[nodiscard]] bool wants_space() const noexcept { return wants_space_; }

  private:
    [[nodiscard]] basic_result<void, error> append_rest();
    [[nodiscard]] basic_result<void, error> append(int to, const joined_piece& piece);
    [[nodiscard]] basic_result<void, error> join_typed();
    [[nodiscard]] error fail(int reason);

    std::vector<joined_piece> pieces_;
    std::filesystem::path to_;
    join_options how_;
    std::size_t next_ = 0;      // of the pieces
    std::uint64_t length_ = 0;  // of what is there of those before it
    bool wants_space_ = false;
};

}  // namespace sheaf::detail
