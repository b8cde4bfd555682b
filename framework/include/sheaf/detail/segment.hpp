// Segment files: the records of one map attempt by partition, or sorted runs that a reduce attempt spilled. Not for users.
//
// All numbers are little-endian. XXH3 is the 64-bit variant, without a seed unless one is named.
//
//   header   "SHEAFSEG"  version u32  partitions u32  framing u32  zero u32  XXH3 of the 24 bytes before u64
//   extents  one after another; an extent is a sequence of blocks; a block is
//              length u32  unpacked u32  XXH3 of what follows, seeded with the block's place in the file and
//            `unpacked` << 32 xored, u64   records,
//            of which `length` bytes are there: as they are when `unpacked` is 0, else packed by zstd from so many bytes
//   index    one entry for each extent, in the order of the file:
//              partition u32  flags u32 (1: sorted by key)  offset u64  length u64  records u64
//   trailer  offset of the index u64  entries u64  XXH3 of the index, seeded with both numbers xored, u64  "SHEAFEND"
//
// A record (see record.hpp) never straddles blocks. A file is complete or it is not there: it is renamed when it is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/detail/byte_reader.hpp>
#include <sheaf/detail/file.hpp>
#include <sheaf/detail/record.hpp>

namespace sheaf::detail {

/// Some records of one partition, one after another in a file.
struct segment_extent {
    std::uint32_t partition = 0;
    bool sorted = false;  ///< by key bytes; equal keys may follow one another
    std::uint64_t offset = 0;
    std::uint64_t length = 0;  ///< bytes
    std::uint64_t records = 0;
};

inline constexpr std::size_t segment_header_bytes = 32;
inline constexpr std::size_t segment_block_header_bytes = 16;
inline constexpr std::size_t segment_index_entry_bytes = 32;
inline constexpr std::size_t segment_trailer_bytes = 32;
/// A block is closed when it has grown to this size.
inline constexpr std::size_t segment_block_bytes = 64 * 1024;
/// No record is longer; segment_writer::reserve throws unit_refused.
inline constexpr std::size_t segment_record_bytes_max = std::size_t{1} << 30;
/// Throws unit_refused: `bytes` is more than a record may have.
[[noreturn]] void throw_too_large(std::size_t bytes);

class block_packer;

/// Writes one segment file. Whatever fails throws as file::write does, and nothing is left behind.
class segment_writer {
  public:
    /// `name` must be unique in `directory`. `pack`: compress the blocks for which that is worth it.
    segment_writer(std::string directory, std::string name, std::uint32_t partitions, value_framing framing,
                   bool pack = false);
    segment_writer(const segment_writer&) = delete;
    segment_writer& operator=(const segment_writer&) = delete;
    ~segment_writer();

    void begin_extent(std::uint32_t partition, bool sorted);
    /// Room for a record of up to `bytes` bytes; to be filled and then committed, or left.
    [[nodiscard]] char* reserve(std::size_t bytes) {
        if (block_.size() - used_ < bytes) [[unlikely]]
            make_room(bytes);
        return block_.data() + used_;
    }
    /// The record that ends at `end`, and began where reserve() said, is complete.
    void commit(const char* end) {
        used_ = static_cast<std::size_t>(end - block_.data());
        ++extent_.records;
        if (used_ >= segment_block_bytes) flush_block();
    }
    /// A whole record, as it is in another file of the same framing.
    void copy(std::string_view record);
    void end_extent();
    /// Writes an unsorted extent of one block with so many whole records. `block` begins with room for the block's header.
    void write_extent(std::uint32_t partition, std::span<char> block, std::uint64_t records);

    /// Writes the index and gives the file its name, which is returned.
    std::string commit_file();
    /// Writes the index, and leaves the file unnamed: it is removed with this object. Returns the path to read it by.
    std::string seal();

    [[nodiscard]] std::uint64_t bytes() const noexcept { return written_; }
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
    /// Of all that is written, once there is an index: the same records, written in the same order, give the same.
    [[nodiscard]] std::uint64_t checksum() const noexcept { return checksum_; }

  private:
    void make_room(std::size_t bytes);
    void flush_block();
    void write_block(std::span<char> block);
    void close_extent();
    void write_index();

    pending_file file_;
    std::uint32_t partitions_;
    std::uint64_t written_ = 0;
    std::uint64_t records_ = 0;
    std::uint64_t checksum_ = 0;  ///< of the blocks' checksums
    std::vector<char> block_;     ///< starts with room for the block's header
    std::size_t used_ = segment_block_header_bytes;
    std::unique_ptr<block_packer> packer_;  ///< when blocks are to be packed
    segment_extent extent_;
    std::vector<segment_extent> index_;
};

/// A segment file that is gone, cannot be read, or is not what it should be.
struct bad_segment : std::runtime_error {
    bad_segment(std::string which, const std::string& text, bool no_host = false)
        : std::runtime_error(text), path(std::move(which)), unreached(no_host) {}
    std::string path;
    bool unreached;  ///< its host could not be reached at all
};
[[noreturn]] void throw_damaged(const std::string& path, const std::string& what);

/// A segment file that is there and has an index that makes sense. Every doubt is a bad_segment that names the file.
class segment_file {
  public:
    /// Throws bad_segment; std::system_error when only this process lacks something, such as descriptors.
    explicit segment_file(const std::string& path);
    /// A file on another host. Throws bad_segment, also when it cannot be read.
    segment_file(std::string address, std::unique_ptr<range_reader> from);

    [[nodiscard]] std::span<const segment_extent> extents() const noexcept { return index_; }
    /// Those among which all of the partition are: mostly no others, where a search can tell.
    [[nodiscard]] std::span<const segment_extent> extents_around(std::uint32_t partition) const noexcept;
    [[nodiscard]] std::uint32_t partitions() const noexcept { return partitions_; }
    [[nodiscard]] value_framing framing() const noexcept { return framing_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// As file::read_at, but throws bad_segment when the disk or the network fails.
    [[nodiscard]] std::size_t read_at(std::uint64_t offset, std::span<char> into) const;
    /// Says that `extent` will be read soon, from front to back.
    void expect(const segment_extent& extent) const;

  private:
    void read_all(std::uint64_t size);
    void read_header();
    void read_index(std::uint64_t size);

    std::string path_;
    file file_;
    std::unique_ptr<range_reader> remote_;  ///< in place of file_
    std::uint32_t partitions_ = 0;
    value_framing framing_ = value_framing::sized;
    std::vector<segment_extent> index_;
    bool in_order_ = false;  ///< the index is, by partition
};

/// Opens what is at an address, by `open`. Throws bad_segment.
[[nodiscard]] segment_file open_remote_segment(const std::string& address, const remote_opener& open);

/// Gives the space of these partitions in the segment file at `path` back to the file system. The file keeps its size and its index; what was
/// there is zeros, which no reader takes for blocks. False when the file system cannot do that. Throws bad_segment.
[[nodiscard]] bool free_partitions(const std::string& path, std::span<const std::uint32_t> partitions);

/// Reads an extent block by block, and checks each before it is used.
class extent_blocks {
  public:
    extent_blocks(std::shared_ptr<const segment_file> from, const segment_extent& extent);

    /// How many bytes of records the next block has; 0 at the end. Throws as segment_file does.
    [[nodiscard]] std::size_t next_size();
    /// What read() may write behind the records, and so needs room for.
    static constexpr std::size_t read_slack = segment_block_header_bytes;
    /// Reads the records of the next block, next_size() bytes, to `to`.
    void read(char* to);

    [[nodiscard]] std::uint64_t bytes_read() const noexcept { return place_ - extent_.offset; }
    [[nodiscard]] const segment_extent& extent() const noexcept { return extent_; }
    [[nodiscard]] const segment_file& file() const noexcept { return *from_; }
    /// Throws bad_segment: `what` is wrong in the block that was read last.
    [[noreturn]] void malformed(const std::string& what) const;

  private:
    [[nodiscard]] std::uint64_t left() const noexcept { return extent_.offset + extent_.length - place_; }
    void take_header(const char* bytes);
    void read_content(char* to);
    void read_packed(char* to);

    std::shared_ptr<const segment_file> from_;
    segment_extent extent_;
    std::uint64_t place_;         ///< of the next block
    std::uint32_t length_ = 0;    ///< of the next block in the file, when its header has been read; else 0
    std::uint32_t unpacked_ = 0;  ///< of the next block's records, when they are packed; else 0
    std::vector<char> packed_;
    std::uint64_t checksum_ = 0;
};

/// Reads the records of an extent from front to back. Holds one block in memory.
class extent_cursor {
  public:
    extent_cursor(std::shared_ptr<const segment_file> from, const segment_extent& extent);

    /// Goes to the next record, first the first one; false at the end. Throws as segment_file does.
    [[nodiscard]] bool next();
    /// The record that next() went to. Valid until next() is called again.
    [[nodiscard]] const record_view& record() const noexcept { return record_; }

    [[nodiscard]] std::uint64_t bytes_read() const noexcept { return blocks_.bytes_read(); }
    [[nodiscard]] const std::string& path() const noexcept { return blocks_.file().path(); }

  private:
    void load_block();

    extent_blocks blocks_;
    std::uint64_t left_;  ///< records
    std::vector<char> block_;
    const char* at_ = nullptr;
    const char* end_ = nullptr;
    record_view record_;
};

}  // namespace sheaf::detail
