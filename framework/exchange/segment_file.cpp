#include <algorithm>
#include <array>
#include <system_error>
#include <xxhash.h>

#include "exchange/block_packing.hpp"
#include "exchange/segment_format.hpp"
#include <sheaf/detail/segment.hpp>
#include <sheaf/detail/unit_refused.hpp>
#include <sheaf/runtime/error.hpp>

namespace sheaf::detail {

using namespace segment_format;

namespace {

// Lacking descriptors or memory is this process's trouble; the segment may be in order.
bool is_local_trouble(const std::error_code& why) {
    return why == std::errc::too_many_files_open || why == std::errc::too_many_files_open_in_system ||
           why == std::errc::not_enough_memory;
}

template <class F>
auto as_bad_segment(const std::string& path, F&& read) {
    try {
        return read();
    } catch (const std::system_error& why) {
        if (is_local_trouble(why.code()) || why.code() == errc::cancelled) throw;
        throw bad_segment(path, why.what(), why.code() == errc::connection_failed);
    } catch (const unit_refused& why) {  // of another host's
        throw bad_segment(path, why.what());
    }
}

}  // namespace

void throw_damaged(const std::string& path, const std::string& what) {
    throw bad_segment(path, "'" + path + "' is damaged: " + what + ".");
}

std::size_t segment_file::read_at(std::uint64_t offset, std::span<char> into) const {
    return as_bad_segment(path(),
                          [&] { return remote_ ? remote_->read_at(offset, into) : file_.read_at(offset, into); });
}

void segment_file::expect(const segment_extent& extent) const {
    if (remote_) remote_->expect_reads(extent.offset, extent.length);
}

segment_file::segment_file(const std::string& path)
    : path_(path), file_(as_bad_segment(path, [&] { return file::open_read(path); })) {
    read_all(file_.size());
}

segment_file::segment_file(std::string address, std::unique_ptr<range_reader> from)
    : path_(std::move(address)), remote_(std::move(from)) {
    read_all(remote_->size());
}

void segment_file::read_all(std::uint64_t size) {
    if (size < segment_header_bytes + segment_trailer_bytes) throw_damaged(path(), "it is cut short");
    read_header();
    read_index(size);
}

segment_file open_remote_segment(const std::string& address, const remote_opener& open) {
    if (!open) throw bad_segment(address, "'" + address + "' is on another host, and nothing here reaches it.");
    return {address, as_bad_segment(address, [&] { return open(address); })};
}

void segment_file::read_header() {
    std::array<char, segment_header_bytes> header{};
    if (read_at(0, header) != header.size()) throw_damaged(path(), "it is cut short");
    if (std::string_view(header.data(), magic.size()) != magic) {
        throw_damaged(path(), "it does not begin like a segment file");
    }
    if (load_little_endian<std::uint64_t>(header.data() + 24) != XXH3_64bits(header.data(), 24)) {
        throw_damaged(path(), "its header's checksum is wrong");
    }
    const auto found = load_little_endian<std::uint32_t>(header.data() + 8);
    if (found != version) {
        throw_damaged(path(), "it has version " + std::to_string(found) + " of the format, and this program reads " +
                                  std::to_string(version) + "; run the same program everywhere");
    }
    partitions_ = load_little_endian<std::uint32_t>(header.data() + 12);
    const auto framing = load_little_endian<std::uint32_t>(header.data() + 16);
    if (framing != static_cast<std::uint32_t>(value_framing::varint) &&
        framing != static_cast<std::uint32_t>(value_framing::sized)) {
        throw_damaged(path(), "its header names an unknown form of values");
    }
    framing_ = static_cast<value_framing>(framing);
}

void segment_file::read_index(std::uint64_t size) {
    std::array<char, segment_trailer_bytes> trailer{};
    if (read_at(size - trailer.size(), trailer) != trailer.size() ||
        std::string_view(trailer.data() + 24, end_magic.size()) != end_magic) {
        throw_damaged(path(), "it does not end like a segment file");
    }
    const auto offset = load_little_endian<std::uint64_t>(trailer.data());
    const auto count = load_little_endian<std::uint64_t>(trailer.data() + 8);
    const std::uint64_t end = size - trailer.size();
    if (offset < segment_header_bytes || offset > end || count != (end - offset) / segment_index_entry_bytes ||
        (end - offset) % segment_index_entry_bytes != 0) {
        throw_damaged(path(), "its index is not where it should be");
    }
    std::string entries(end - offset, '\0');
    if (read_at(offset, entries) != entries.size() ||
        load_little_endian<std::uint64_t>(trailer.data() + 16) !=
            XXH3_64bits_withSeed(entries.data(), entries.size(), offset ^ count)) {
        throw_damaged(path(), "its index's checksum is wrong");
    }
    index_.reserve(count);
    std::uint64_t expected = segment_header_bytes;
    for (const char* at = entries.data(); index_.size() < count; at += segment_index_entry_bytes) {
        segment_extent one{.partition = load_little_endian<std::uint32_t>(at),
                           .sorted = load_little_endian<std::uint32_t>(at + 4) == flag_sorted,
                           .offset = load_little_endian<std::uint64_t>(at + 8),
                           .length = load_little_endian<std::uint64_t>(at + 16),
                           .records = load_little_endian<std::uint64_t>(at + 24)};
        if (one.partition >= partitions_ || one.offset != expected || one.length > offset - one.offset ||
            one.records / packing_ratio_max > one.length || one.records == 0) {
            throw_damaged(path(), "its index contradicts itself");
        }
        expected += one.length;
        index_.push_back(one);
    }
    if (expected != offset) throw_damaged(path(), "its index does not cover it");
    in_order_ = std::ranges::is_sorted(index_, {}, &segment_extent::partition);
}

std::span<const segment_extent> segment_file::extents_around(std::uint32_t partition) const noexcept {
    if (!in_order_) return index_;
    const auto found = std::ranges::equal_range(index_, partition, {}, &segment_extent::partition);
    return {found.begin(), found.end()};
}

}  // namespace sheaf::detail
