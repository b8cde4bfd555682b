// Bytes on their way out of a connection, gathered during a turn of the loop and written by one system call.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "sheaf/runtime/shared_bytes.hpp"

namespace sheaf::protocol {

/// A queue of bytes. Small pieces are copied into one run of memory; large shared ones are kept by reference.
class output_buffer {
  public:
    /// Shared data from this size on is referenced, not copied.
    static constexpr std::size_t reference_threshold = 16 * 1024;

    output_buffer() = default;
    output_buffer(output_buffer&& other) noexcept { swap(other); }
    output_buffer& operator=(output_buffer&& other) noexcept {
        output_buffer taken(std::move(other));
        swap(taken);
        return *this;
    }
    output_buffer(const output_buffer&) = delete;
    output_buffer& operator=(const output_buffer&) = delete;
    ~output_buffer() = default;

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Memory of its own: what is referenced is not counted.
    [[nodiscard]] std::size_t held_bytes() const noexcept { return capacity_; }

    /// Room for exactly `n` bytes, which the caller fills at once.
    [[nodiscard]] char* extend(std::size_t n) {
        if (n > capacity_ - used_) grow(n);
        char* const room = bytes_.get() + used_;
        used_ += n;
        size_ += n;
        return room;
    }
    void append(std::string_view bytes) {
        if (!bytes.empty()) std::memcpy(extend(bytes.size()), bytes.data(), bytes.size());
    }
    /// Appends `bytes`, by reference when they are many.
    void append(const shared_bytes& bytes);

    /// Fills `pieces` with the first of what is to be written; returns how many pieces were used. They are valid until the
    /// next call that is not const.
    std::size_t gather(std::span<std::string_view> pieces) const noexcept;
    /// Forgets the first `n` bytes, which have been written.
    void consume(std::size_t n) noexcept;
    /// Forgets everything.
    void clear() noexcept;

  private:
    struct reference {
        std::size_t at;  ///< how many bytes of `bytes_` come before it
        shared_bytes data;
    };

    void swap(output_buffer& other) noexcept;
    void grow(std::size_t n);
    void compact() noexcept;

    // Not a vector: its resize() zeroes what extend() is about to fill, and that is the hot path.
    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t used_ = 0;  ///< filled part of `bytes_`
    std::size_t head_ = 0;  ///< consumed part of `bytes_`
    std::vector<reference> references_;
    std::size_t first_reference_ = 0;  ///< consumed part of `references_`
    std::size_t reference_head_ = 0;   ///< consumed part of the first reference
    std::size_t size_ = 0;             ///< bytes to be written, copied and referenced
};

}  // namespace sheaf::protocol
