#include "map_reduce/segment_space.hpp"

namespace sheaf::detail {

void segment_space::done(std::uint32_t first, std::uint32_t count, const std::vector<std::string>& paths) {
    for (std::uint32_t i = 0; i < count; ++i) done_.push_back(first + i);
    // The last ones go with the files.
    if (paths.empty() || done_.size() >= partitions_) return;
    for (credit_ += turns * count * paths.size(); credit_ >= partitions_ && free_; credit_ -= partitions_) {
        go_through(paths[next_++ % paths.size()]);
    }
}

void segment_space::go_through(const std::string& path) {
    std::size_t& freed = freed_[path];
    const auto waiting = std::span(done_).subspan(freed);
    if (waiting.empty()) return;
    freed = done_.size();
    if (!free_(path, waiting)) free_ = nullptr;
}

}  // namespace sheaf::detail
