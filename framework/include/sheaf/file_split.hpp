// What a mapper of whole files is called with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <sheaf/detail/for_each_split.hpp>

namespace sheaf {

/// One file. Its bytes are the mapped file itself, where that is plain: views into it live as long as the mapper's call.
class file_split {
  public:
    file_split(std::string_view bytes, const std::string& path) noexcept : bytes_(bytes), path_(&path) {}

    /// The file's path, absolute, or its address.
    [[nodiscard]] const std::string& path() const noexcept { return *path_; }
    /// What is in the file, unpacked.
    [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
    /// The file itself as the only record, for code that is for any kind of split.
    [[nodiscard]] std::array<file_split, 1> records() const noexcept { return {*this}; }

  private:
    std::string_view bytes_;
    const std::string* path_;
};

namespace detail {

template <>
struct split_access<file_split> {
    static constexpr std::string_view reads = "whole_files()";

    static bool fits(const input_format& format) noexcept { return format.records == record_format::whole_files; }
    static file_split make(const split_source& from) noexcept { return {from.bytes, from.piece.path}; }
    template <class F>
    static void each_record(const split_source& from, F&& f) {
        (void)f(make(from), from.offset, from.bytes.size());
    }
};

}  // namespace detail
}  // namespace sheaf
