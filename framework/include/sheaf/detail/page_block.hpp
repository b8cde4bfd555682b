// Large anonymous memory that grows without being copied. Not for users.
#pragma once

#include <cstddef>
#include <utility>

namespace sheaf::detail {

/// A stretch of zeroed pages. Growing moves page tables, not bytes, so there is never twice the memory; what has not been
/// touched costs nothing.
class page_block {
  public:
    page_block() = default;
    /// At least `bytes`, all zero. Throws std::bad_alloc.
    explicit page_block(std::size_t bytes);
    page_block(page_block&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    page_block& operator=(page_block&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    page_block(const page_block&) = delete;
    page_block& operator=(const page_block&) = delete;
    ~page_block();

    [[nodiscard]] char* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Makes it at least `bytes` long, at least doubling it. The content stays but may move. Throws std::bad_alloc.
    void grow(std::size_t bytes);
    /// Gives the memory back; size() is 0.
    void release() noexcept;

  private:
    char* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace sheaf::detail
