// Files of encoded records, and how they are written. Not for users.
//
// All numbers are little-endian.
//     "SHEAF-RECORDS-1\n"
//     the records, one after the other, each after its length (see record_lengths.hpp)
//     the index: for each block of records, where it ends u64, the records up to there u64, the XXH3-64 of its bytes u64
//     the records' type, as type_schema() writes it
//     where the index begins u64, the blocks u64, the records u64, bytes of the type u64,
//     the XXH3-64 of all from the index to here u64, "SHEAF-INDEXED-1\n"
// Blocks follow each other without a gap from the first record to the index. A block ends after the record with which it has 64 KiB,
// or at the end. The same records make the same file, however they were handed over. A file without a byte has no records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sheaf::detail {

inline constexpr std::string_view typed_file_begin = "SHEAF-RECORDS-1\n";
inline constexpr std::string_view typed_file_end = "SHEAF-INDEXED-1\n";
inline constexpr std::size_t typed_block_bytes = 64U << 10;
inline constexpr std::size_t typed_entry_bytes = 24;
inline constexpr std::size_t typed_trailer_bytes = 40 + typed_file_end.size();

struct running_hash;

/// Makes what goes around the records, which somebody else writes to the file: first begin(), then the records, all of which are
/// shown to add(), then end().
///
///     typed_file_writer frame(type_schema<std::pair<K, V>>());
///     file.write(frame.begin());
///     for (...) {
///         frame.add(records);
///         file.write(records);
///     }
///     file.write(frame.end());
class typed_file_writer {
  public:
    explicit typed_file_writer(std::string schema);
    typed_file_writer(typed_file_writer&&) noexcept;
    typed_file_writer& operator=(typed_file_writer&&) noexcept;
    ~typed_file_writer();

    [[nodiscard]] static std::string_view begin() noexcept { return typed_file_begin; }
    /// Whole records, each after its length.
    void add(std::string_view records);
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
    /// The index and what follows it. Nothing can be added after it.
    [[nodiscard]] std::string end();

  private:
    void end_block();

    std::string schema_;
    std::string index_;
    std::uint64_t blocks_ = 0;
    std::uint64_t records_ = 0;
    std::uint64_t at_ = typed_file_begin.size();
    std::uint64_t block_begin_ = typed_file_begin.size();
    std::unique_ptr<running_hash> hash_;  // of the block's bytes
};

}  // namespace sheaf::detail
