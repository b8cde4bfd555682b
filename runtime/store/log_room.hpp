// When the write-ahead log of a database is written back to it.
//
// A commit that makes the log's file longer waits for the file system to note where its new blocks are, which takes the disk as
// long as the commit itself. So the file is long from the start, and small commits stay within it. Large ones may lengthen
// it: they are many jobs at once, whose pages are better written back seldom.
#pragma once

#include <algorithm>
#include <cstdint>

namespace sheaf::store {

class log_room {
  public:
    /// The log's file at the start, in bytes; and how long it becomes at most.
    static constexpr std::int64_t bytes_min = std::int64_t{1} << 20;
    static constexpr std::int64_t bytes_max = std::int64_t{64} << 20;

    /// Whether the log, which a commit has made `bytes` long, is to be written back now.
    [[nodiscard]] bool is_full(std::int64_t bytes) noexcept {
        const std::int64_t grown = bytes < used_ ? bytes : bytes - used_;
        used_ = bytes;
        file_ = std::max(file_, bytes);
        const std::int64_t small = file_ / 16;
        return bytes >= bytes_max || (grown <= small && bytes + small > file_);
    }
    /// It could not be written back; that is tried again when it is noticeably longer.
    void stay() noexcept { file_ = std::max(file_, used_ + bytes_min); }

  private:
    std::int64_t used_ = 0;
    std::int64_t file_ = bytes_min;
};

}  // namespace sheaf::store
