// Records one after the other, each after its length: what typed files and values in assignments are made of. Not for users.
//
// A length is a variable-length number as codec.hpp has them: seven bits a byte, the lowest first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sheaf::detail {

/// Goes through records, whose bytes may be anybody's.
class length_cursor {
  public:
    length_cursor() = default;
    explicit length_cursor(std::string_view records) noexcept : records_(records) {}

    /// Gets the next record; false at the end, and where the bytes are no records: position() is the end only at the end.
    [[nodiscard]] bool next(std::string_view& record) noexcept {
        std::size_t at = at_;
        std::uint64_t size = 0;
        for (unsigned shift = 0;; shift += 7) {
            if (at == records_.size() || shift > 63) return false;
            const auto byte = static_cast<unsigned char>(records_[at++]);
            size |= std::uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80) break;
        }
        if (size > records_.size() - at) return false;
        record = records_.substr(at, static_cast<std::size_t>(size));
        at_ = at + static_cast<std::size_t>(size);
        return true;
    }
    /// Where the next record's length begins.
    [[nodiscard]] std::size_t position() const noexcept { return at_; }
    /// Whether there is nothing more, and all were records.
    [[nodiscard]] bool at_end() const noexcept { return at_ == records_.size(); }

  private:
    std::string_view records_;
    std::size_t at_ = 0;
};

inline void append_length(std::string& out, std::uint64_t size) {
    while (size >= 0x80) {
        out.push_back(static_cast<char>(size | 0x80));
        size >>= 7;
    }
    out.push_back(static_cast<char>(size));
}

}  // namespace sheaf::detail
