// Reads a piece of an input, wherever its bytes are, as stretches of whole records.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include <sheaf/detail/byte_reader.hpp>
#include <sheaf/detail/input_piece.hpp>

namespace sheaf::detail {

/// Whole records, one after the other.
struct record_chunk {
    std::string_view bytes;    ///< valid until the next chunk is asked for
    std::uint64_t offset = 0;  ///< where they begin in the file, decompressed
};

/// Throws unit_refused when the file cannot be read, is not the one that the driver saw or is not what it should be; what may
/// go better next time is something else.
class piece_reader {
  public:
    piece_reader() = default;
    piece_reader(const piece_reader&) = delete;
    piece_reader& operator=(const piece_reader&) = delete;
    virtual ~piece_reader() = default;

    /// Gets the next chunk, which is not empty unless an empty file is a record; false after the last.
    [[nodiscard]] virtual bool next(record_chunk& into) = 0;
    /// How much of the piece's length has been read, about.
    [[nodiscard]] virtual std::uint64_t position() const = 0;
    /// What the file says before its first record, if the format has that.
    [[nodiscard]] virtual std::string_view header() const { return {}; }
    /// Throws unit_refused unless what next() gave was really the file's content. To be asked after its use, and when something
    /// is wrong with it.
    virtual void check_unchanged() = 0;
};

/// Both must outlive the reader.
[[nodiscard]] std::unique_ptr<piece_reader> open_piece(const input_piece& what, const input_format& how,
                                                       const remote_opener& open);

/// How a file is compressed: as `how` says, or its name.
[[nodiscard]] compression packing_of(const input_format& how, std::string_view path) noexcept;

}  // namespace sheaf::detail
