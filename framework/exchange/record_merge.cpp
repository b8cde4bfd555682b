#include <algorithm>
#include <utility>

#include <sheaf/detail/attempt.hpp>
#include <sheaf/detail/key_prefix.hpp>
#include <sheaf/detail/record_merge.hpp>

namespace sheaf::detail {

std::shared_ptr<const segment_file> segment_shelf::find(const std::string& path) const {
    const auto found = files_.find(path);
    return found != files_.end() ? found->second : nullptr;
}

void segment_shelf::keep(const std::string& path, std::shared_ptr<const segment_file> opened) {
    const std::size_t more = opened->extents().size();
    if (files_.size() >= files_max || extents_ + more > extents_max) return;
    extents_ += more;
    files_.emplace(path, std::move(opened));
}

namespace {

// The file at `path`, from the shelf or for it.
std::shared_ptr<const segment_file> open_segment(const std::string& path, const remote_opener& open,
                                                 segment_shelf* shelf) {
    if (auto found = shelf != nullptr ? shelf->find(path) : nullptr) return found;
    auto opened =
        std::make_shared<const segment_file>(is_remote(path) ? open_remote_segment(path, open) : segment_file(path));
    if (shelf != nullptr) shelf->keep(path, opened);
    return opened;
}

}  // namespace

record_counts count_records(const std::vector<std::string>& paths, std::uint32_t partition, const remote_opener& open,
                            segment_shelf* shelf) {
    record_counts counts;
    for (const std::string& path : paths) {
        for (const segment_extent& one : open_segment(path, open, shelf)->extents()) {
            if (one.partition < partition) counts.before += one.records;
            if (one.partition == partition) counts.within += one.records;
        }
    }
    return counts;
}

std::vector<extent_source> extents_of_partition(const std::vector<std::string>& paths, std::uint32_t partition,
                                                std::uint32_t partitions, value_framing framing,
                                                const remote_opener& open, segment_shelf* shelf) {
    std::vector<extent_source> sources;
    for (const std::string& path : paths) {
        const auto opened = open_segment(path, open, shelf);
        const bool is_held = is_remote(path) || (shelf != nullptr && shelf->find(path) != nullptr);
        if (opened->partitions() != partitions || opened->framing() != framing) {
            throw_damaged(path, "it was written by another program, or for another run");
        }
        const auto shared_path = std::make_shared<const std::string>(path);
        for (const segment_extent& one : opened->extents_around(partition)) {
            // Files of this host are opened again: all of them at once would take a descriptor each.
            if (one.partition == partition) sources.push_back({shared_path, one, is_held ? opened : nullptr});
        }
    }
    return sources;
}

extent_cursor source_opener::open(const extent_source& source) {
    go_to(source);
    return {file_, source.extent};
}

extent_blocks source_opener::open_blocks(const extent_source& source) {
    go_to(source);
    return {file_, source.extent};
}

void source_opener::go_to(const extent_source& source) {
    if (path_ != nullptr && *path_ == *source.path) return;
    file_ = source.opened ? source.opened : std::make_shared<const segment_file>(*source.path);
    path_ = source.path;
}

record_merge::record_merge(const std::vector<extent_source>& sources) {
    cursors_.reserve(sources.size());
    source_opener opener;
    for (const extent_source& one : sources) {
        if (!one.extent.sorted) throw_damaged(*one.path, "its records are not sorted by key, as this run needs them");
        cursors_.push_back(opener.open(one));
        if (cursors_.back().next()) {
            heap_.push_back(
                {key_prefix(cursors_.back().record().key), static_cast<std::uint32_t>(cursors_.size() - 1)});
        }
    }
    for (std::size_t i = heap_.size() / 2; i-- > 0;) sift_down(i);
}

bool record_merge::next() {
    if (!std::exchange(begun_, true)) return !heap_.empty();
    if (heap_.empty()) return false;
    extent_cursor& cursor = cursors_[heap_.front().cursor];
    if (cursor.next()) {
        heap_.front().prefix = key_prefix(cursor.record().key);
    } else {
        heap_.front() = heap_.back();
        heap_.pop_back();
    }
    sift_down(0);
    return !heap_.empty();
}

std::uint64_t record_merge::bytes_read() const noexcept {
    std::uint64_t bytes = 0;
    for (const extent_cursor& one : cursors_) bytes += one.bytes_read();
    return bytes;
}

bool record_merge::before(const head& a, const head& b) const noexcept {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    const int order = cursors_[a.cursor].record().key.compare(cursors_[b.cursor].record().key);
    return order != 0 ? order < 0 : a.cursor < b.cursor;
}

void record_merge::sift_down(std::size_t from) noexcept {
    for (;;) {
        std::size_t least = 2 * from + 1;
        if (least >= heap_.size()) return;
        if (least + 1 < heap_.size() && before(heap_[least + 1], heap_[least])) ++least;
        if (!before(heap_[least], heap_[from])) return;
        std::swap(heap_[least], heap_[from]);
        from = least;
    }
}

std::size_t merge_ways(std::uint64_t memory_budget) noexcept {
    return std::clamp<std::size_t>(static_cast<std::size_t>(memory_budget / (2 * segment_block_bytes)), 2, 128);
}

narrowed_sources::narrowed_sources(std::vector<extent_source> sources, std::size_t ways, const std::string& directory,
                                   value_framing framing, const std::stop_token& stop, bool pack)
    : sources_(std::move(sources)) {
    while (sources_.size() > ways) {
        // Neighbours are merged, so that equal keys keep their order.
        auto writer = std::make_unique<segment_writer>(directory, "merge-" + unique_suffix(), 1, framing, pack);
        for (std::size_t begin = 0; begin < sources_.size(); begin += ways) {
            const std::size_t end = std::min(begin + ways, sources_.size());
            record_merge merge({sources_.begin() + static_cast<std::ptrdiff_t>(begin),
                                sources_.begin() + static_cast<std::ptrdiff_t>(end)});
            writer->begin_extent(0, true);
            for (std::uint64_t records = 0; merge.next(); ++records) {
                if (records % 1024 == 0) check_stop(stop);
                writer->copy(merge.record().whole);
            }
            writer->end_extent();
        }
        const std::string path = writer->seal();
        sources_ = extents_of_partition({path}, 0, 1, framing);
        spilled_ = std::move(writer);
        ++passes_;
    }
}

narrowed_sources::~narrowed_sources() = default;

}  // namespace sheaf::detail
