// The text file that a reduce attempt writes. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <sheaf/detail/file.hpp>

namespace sheaf::detail {

/// Gathers text and writes it in large pieces. Removed unless committed.
class text_output {
  public:
    text_output(std::string directory, std::string name) : file_(std::move(directory), std::move(name)) {
        buffer_.reserve(buffer_bytes + buffer_bytes / 4);
    }

    /// Where to append. To be followed by written().
    [[nodiscard]] std::string& text() noexcept { return buffer_; }
    /// Something was appended. Throws as file::write does.
    void written() {
        if (buffer_.size() >= buffer_bytes) [[unlikely]]
            flush();
    }
    /// Writes the rest, and gives the file its name, which is returned.
    std::string commit() {
        flush();
        return file_.commit();
    }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

  private:
    static constexpr std::size_t buffer_bytes = 256 * 1024;

    void flush() {
        file_.write(buffer_);
        bytes_ += buffer_.size();
        buffer_.clear();
    }

    pending_file file_;
    std::string buffer_;
    std::uint64_t bytes_ = 0;
};

}  // namespace sheaf::detail
