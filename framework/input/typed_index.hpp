// What a typed file says of itself at its end, checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/detail/byte_reader.hpp>

namespace sheaf::detail {

class typed_index {
  public:
    struct block {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        std::uint64_t first_record = 0;  ///< its number in the file
        std::uint64_t records = 0;
        std::uint64_t checksum = 0;
    };

    /// Reads it. Throws unit_refused when it is not whole, or the records are of another type than `schema` (empty: any type).
    typed_index(range_reader& in, const std::string& schema);

    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
    /// Where the records begin and end.
    [[nodiscard]] std::uint64_t begin() const noexcept;
    [[nodiscard]] std::uint64_t end() const noexcept { return end_; }
    [[nodiscard]] std::size_t blocks() const noexcept { return blocks_; }
    [[nodiscard]] block at(std::size_t index) const;
    /// The block that has the byte at `offset`; blocks() when none has.
    [[nodiscard]] std::size_t block_with(std::uint64_t offset) const;

  private:
    void read(range_reader& in);
    void check_entries() const;
    [[nodiscard]] std::uint64_t number(std::size_t at) const;
    [[noreturn]] void refuse(const std::string& why) const;

    std::string name_;
    std::string tail_;  // from the index to the end
    std::uint64_t end_ = 0;
    std::size_t blocks_ = 0;
    std::uint64_t records_ = 0;
    std::size_t schema_size_ = 0;
};

}  // namespace sheaf::detail
