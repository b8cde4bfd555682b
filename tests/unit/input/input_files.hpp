// Inputs for tests, cut in every way and read from everywhere: a plain file, an archive, another host.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <zlib.h>
#include <zstd.h>

#include "support/scratch_directory.hpp"
#include <sheaf/detail/byte_reader.hpp>
#include <sheaf/detail/for_each_split.hpp>

namespace sheaf::test {

/// Files of a test's own.
class input_files {
  public:
    std::string add(std::string_view content, const std::string& suffix = "") {
        return write_file(path() / ("input-" + std::to_string(count_++) + suffix), content);
    }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return directory_.path(); }

  private:
    scratch_directory directory_;
    std::size_t count_ = 0;
};

/// What for_each_split() wants of an assignment.
struct piece_list {
    std::vector<detail::input_piece> pieces;
    detail::input_formats formats;
};

/// Bytes that are read by range.
class memory_reader final : public detail::range_reader {
  public:
    explicit memory_reader(std::string content, std::string tag = {})
        : content_(std::move(content)), tag_(std::move(tag)) {}

    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    [[nodiscard]] std::uint64_t size() const override { return content_.size(); }
    [[nodiscard]] std::string tag() const override { return tag_; }
    [[nodiscard]] std::size_t read_at(std::uint64_t offset, std::span<char> into) override {
        if (offset >= content_.size()) return 0;
        const std::size_t size = std::min(into.size(), content_.size() - static_cast<std::size_t>(offset));
        std::memcpy(into.data(), content_.data() + offset, size);
        return size;
    }
    void check_unchanged() override {}

  private:
    std::string name_ = "http://test/input";
    std::string content_;
    std::string tag_;
};

/// Hooks with which any address is `content`.
inline detail::attempt_hooks reading(const std::string& content) {
    return {.open = [content](const std::string&) { return std::make_unique<memory_reader>(content); }};
}

inline std::string gzipped(std::string_view content) {
    std::string packed(compressBound(content.size()) + 64, '\0');
    z_stream state{};
    (void)deflateInit2(&state, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    state.avail_in = static_cast<uInt>(content.size());
    state.next_out = reinterpret_cast<Bytef*>(packed.data());
    state.avail_out = static_cast<uInt>(packed.size());
    (void)deflate(&state, Z_FINISH);
    packed.resize(state.total_out);
    deflateEnd(&state);
    return packed;
}

inline std::string zstandard(std::string_view content) {
    std::string packed(ZSTD_compressBound(content.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), content.data(), content.size(), 3));
    return packed;
}

/// [0, size) of `path` in pieces of `piece_bytes`.
inline std::vector<detail::input_piece> cut(const std::string& path, std::uint64_t size, std::uint64_t piece_bytes) {
    std::vector<detail::input_piece> pieces;
    for (std::uint64_t at = 0; at < size; at += piece_bytes) {
        pieces.push_back({.path = path, .offset = at, .length = std::min(piece_bytes, size - at), .file_size = size});
    }
    return pieces;
}

}  // namespace sheaf::test
