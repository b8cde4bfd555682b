// Merging sorted extents of segment files. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <sheaf/detail/segment.hpp>

namespace sheaf::detail {

/// An extent of a file that is opened when it is needed.
struct extent_source {
    std::shared_ptr<const std::string> path;
    segment_extent extent;
    std::shared_ptr<const segment_file> opened{};  ///< of a file on another host, where opening takes some round trips
};

/// Segment files that are read for several partitions, one after the other, and opened once. As many as fit: of others nothing is
/// kept.
class segment_shelf {
  public:
    [[nodiscard]] std::shared_ptr<const segment_file> find(const std::string& path) const;
    void keep(const std::string& path, std::shared_ptr<const segment_file> opened);

  private:
    static constexpr std::size_t files_max = 128;                     // each has a descriptor
    static constexpr std::size_t extents_max = std::size_t{1} << 21;  // of all of them

    std::unordered_map<std::string, std::shared_ptr<const segment_file>> files_;
    std::size_t extents_ = 0;
};

/// The extents of `partition` in the files at `paths`, in that order. The files must have been written for `partitions`
/// partitions and values of `framing`. Paths may be addresses that `open` opens. Throws bad_segment.
[[nodiscard]] std::vector<extent_source> extents_of_partition(const std::vector<std::string>& paths,
                                                              std::uint32_t partition, std::uint32_t partitions,
                                                              value_framing framing, const remote_opener& open = {},
                                                              segment_shelf* shelf = nullptr);

/// How many records a partition has in some files, and how many all partitions before it.
struct record_counts {
    std::uint64_t before = 0;
    std::uint64_t within = 0;
};
[[nodiscard]] record_counts count_records(const std::vector<std::string>& paths, std::uint32_t partition,
                                          const remote_opener& open = {}, segment_shelf* shelf = nullptr);

/// Gives cursors of sources one after another; those that follow one another in one file share its descriptor.
class source_opener {
  public:
    [[nodiscard]] extent_cursor open(const extent_source& source);
    [[nodiscard]] extent_blocks open_blocks(const extent_source& source);

  private:
    void go_to(const extent_source& source);

    std::shared_ptr<const std::string> path_;
    std::shared_ptr<const segment_file> file_;
};

/// The records of several sorted extents in the order of their keys' bytes; equal keys in the order of the extents.
class record_merge {
  public:
    /// Opens all of them. Throws bad_segment, also when one is not sorted.
    explicit record_merge(const std::vector<extent_source>& sources);

    /// Goes to the next record, first the first one; false at the end. Throws bad_segment.
    [[nodiscard]] bool next();
    /// The record that next() went to. Valid until next() is called again.
    [[nodiscard]] const record_view& record() const noexcept { return cursors_[heap_.front().cursor].record(); }
    /// The file that it is in.
    [[nodiscard]] const std::string& path() const noexcept { return cursors_[heap_.front().cursor].path(); }
    [[nodiscard]] std::uint64_t bytes_read() const noexcept;

  private:
    struct head {
        std::uint64_t prefix;  ///< of the key at the cursor
        std::uint32_t cursor;
    };

    [[nodiscard]] bool before(const head& a, const head& b) const noexcept;
    void sift_down(std::size_t from) noexcept;

    std::vector<extent_cursor> cursors_;
    std::vector<head> heap_;  ///< the least first
    bool begun_ = false;
};

/// How many extents are merged at a time, for a budget: each takes a block in memory and maybe a descriptor.
[[nodiscard]] std::size_t merge_ways(std::uint64_t memory_budget) noexcept;

/// Sorted extents, made few enough to be merged in one go, if need be by merging some of them to disk first.
class narrowed_sources {
  public:
    /// Intermediate files go to `directory`, compressed when `pack` says so, and go with this object.
    narrowed_sources(std::vector<extent_source> sources, std::size_t ways, const std::string& directory,
                     value_framing framing, const std::stop_token& stop, bool pack = false);
    narrowed_sources(const narrowed_sources&) = delete;
    narrowed_sources& operator=(const narrowed_sources&) = delete;
    ~narrowed_sources();

    [[nodiscard]] const std::vector<extent_source>& get() const noexcept { return sources_; }
    /// How many files were written.
    [[nodiscard]] std::uint64_t passes() const noexcept { return passes_; }

  private:
    std::vector<extent_source> sources_;
    std::unique_ptr<segment_writer> spilled_;
    std::uint64_t passes_ = 0;
};

}  // namespace sheaf::detail
