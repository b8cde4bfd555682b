// Where records begin and end in the bytes of a file: the one thing in which formats differ when pieces are cut.
//
// A piece has the records that begin in [offset, offset + length). The places where records begin are a property of the file and its
// format alone: whoever looks for the first one at or after some place must find the same. So the pieces of a file have each of its bytes
// once, whatever the bytes are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <sheaf/detail/byte_reader.hpp>
#include <sheaf/detail/input_piece.hpp>

namespace sheaf::detail {

/// Of one file.
class record_borders {
  public:
    record_borders() = default;
    record_borders(const record_borders&) = delete;
    record_borders& operator=(const record_borders&) = delete;
    virtual ~record_borders() = default;

    /// The place of the first record that begins in [from, limit) of `in`; `limit`, which is within it, when none does.
    [[nodiscard]] virtual std::uint64_t first_at(range_reader& in, std::uint64_t from, std::uint64_t limit) = 0;

    static constexpr std::size_t more = static_cast<std::size_t>(-1);
    /// How long what comes before the first record is, given how the file begins; `more` when these bytes do not tell. `last`:
    /// the file ends with them.
    [[nodiscard]] virtual std::size_t preamble(std::string_view /*bytes*/, bool /*last*/) { return 0; }
    /// How many of `bytes`, which begin where a record does, are whole records. `last`: the file ends with them. Asked again
    /// with more bytes, it gets the same first ones when it had said 0.
    [[nodiscard]] virtual std::size_t whole_records(std::string_view bytes, bool last) = 0;
    /// What the preamble says, for the split; empty where it says nothing.
    [[nodiscard]] virtual std::string_view header() const { return {}; }
};

/// Those of a file that is called `name`, for any format that has them: not typed, which has blocks, and what is no file.
[[nodiscard]] std::unique_ptr<record_borders> borders_of(const input_format& how, const std::string& name);

}  // namespace sheaf::detail
