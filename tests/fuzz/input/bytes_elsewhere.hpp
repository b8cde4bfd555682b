// The fuzzer's bytes, as an input that is read by range.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/detail/byte_reader.hpp>
#include <sheaf/detail/for_each_split.hpp>

namespace sheaf::fuzz {

class bytes_elsewhere final : public detail::range_reader {
  public:
    explicit bytes_elsewhere(std::string_view bytes) : bytes_(bytes) {}

    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
    [[nodiscard]] std::size_t read_at(std::uint64_t offset, std::span<char> into) override {
        if (offset >= bytes_.size()) return 0;
        const std::string_view read = bytes_.substr(static_cast<std::size_t>(offset), into.size());
        std::memcpy(into.data(), read.data(), read.size());
        return read.size();
    }
    void check_unchanged() override {}

  private:
    std::string name_ = "http://fuzz/";
    std::string_view bytes_;
};

/// What for_each_split() wants of an assignment.
struct piece_list {
    std::vector<detail::input_piece> pieces;
    detail::input_formats formats;
};

/// `bytes` in pieces of `piece_bytes`.
inline piece_list cut(std::string_view bytes, std::size_t piece_bytes, const detail::input_format& format) {
    piece_list all{{}, {format}};
    for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
        all.pieces.push_back({.path = "http://fuzz/",
                              .offset = at,
                              .length = std::min(piece_bytes, bytes.size() - at),
                              .file_size = bytes.size()});
    }
    return all;
}

inline detail::attempt_hooks reading(std::string_view bytes) {
    return {.open = [bytes](const std::string&) { return std::make_unique<bytes_elsewhere>(bytes); }};
}

}  // namespace sheaf::fuzz
