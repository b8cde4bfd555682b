#include <cstdint>
#include <fcntl.h>
#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include <sheaf/detail/segment.hpp>

namespace sheaf::detail {
namespace {

/// Extents that follow one another are one hole.
class hole_puncher {
  public:
    explicit hole_puncher(int file) : file_(file) {}

    [[nodiscard]] bool add(const segment_extent& one) {
        if (begin_ + length_ == one.offset) {
            length_ += one.length;
            return true;
        }
        const bool done = finish();
        begin_ = one.offset;
        length_ = one.length;
        return done;
    }
    [[nodiscard]] bool finish() const {
        return length_ == 0 || ::fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                           static_cast<off_t>(begin_), static_cast<off_t>(length_)) == 0;
    }

  private:
    int file_;
    std::uint64_t begin_ = 0;
    std::uint64_t length_ = 0;
};

}  // namespace

bool free_partitions(const std::string& path, std::span<const std::uint32_t> partitions) {
    const segment_file segments(path);
    std::vector<bool> wanted(segments.partitions());
    for (const std::uint32_t one : partitions) {
        if (one < wanted.size()) wanted[one] = true;
    }
    const unique_fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file) return false;
    hole_puncher holes(file.get());
    for (const segment_extent& one : segments.extents()) {
        if (wanted[one.partition] && !holes.add(one)) return false;
    }
    return holes.finish();
}

}  // namespace sheaf::detail
