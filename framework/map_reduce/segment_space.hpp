// Giving the space of segments back while a run goes on: what has been reduced is read by nobody any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sheaf::detail {

/// Decides when which file is gone through, to free what it has of partitions that are done. All of them after each partition would be as much
/// work as partitions times files, with an index to read each time; so each file has its turn a few times in a run, one file after the
/// other, and little is done at once. Pure.
class segment_space {
  public:
    /// `free` is called with the path of a file, and partitions whose space in it is to be freed. It returns false when nothing can be
    /// freed there, as on some file systems: it is not called again then.
    using free_partitions = std::function<bool(const std::string& path, std::span<const std::uint32_t> partitions)>;

    segment_space(std::uint32_t partitions, free_partitions free) : partitions_(partitions), free_(std::move(free)) {}

    /// The output has all of these `count` partitions from `first` on, and for good. `paths` are the files that hold something of them.
    void done(std::uint32_t first, std::uint32_t count, const std::vector<std::string>& paths);

  private:
    static constexpr std::size_t turns = 8;  ///< of each file in a run

    void go_through(const std::string& path);

    std::uint32_t partitions_;
    free_partitions free_;
    std::vector<std::uint32_t> done_;           // in the order in which they were
    std::map<std::string, std::size_t> freed_;  // how many of them have been freed in a file
    std::size_t next_ = 0;                      // whose turn it is
    std::size_t credit_ = 0;                    // turns that are due, times partitions
};

}  // namespace sheaf::detail
