// Bytes that come one after the other: of something that is read from its front, compressed or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <sheaf/detail/byte_reader.hpp>
#include <sheaf/detail/input_piece.hpp>

namespace sheaf::detail {

class byte_stream {
  public:
    byte_stream() = default;
    byte_stream(const byte_stream&) = delete;
    byte_stream& operator=(const byte_stream&) = delete;
    virtual ~byte_stream() = default;

    /// Reads up to into.size() bytes, which is not 0; 0 bytes only at the end. Throws as range_reader does, and unit_refused for
    /// bytes that are no such archive.
    [[nodiscard]] virtual std::size_t read(std::span<char> into) = 0;
    /// Bytes of the file, as it is, that have been read.
    [[nodiscard]] virtual std::uint64_t position() const = 0;
};

/// [begin, end) of `from`, which must outlive the stream; expects an archive that is packed as said there, which by_name is not.
[[nodiscard]] std::unique_ptr<byte_stream> open_stream(range_reader& from, std::uint64_t begin, std::uint64_t end,
                                                       compression packing);

}  // namespace sheaf::detail
