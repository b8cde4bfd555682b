// Immutable bytes that several owners share without copying.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace sheaf {

/// A block of memory with a reference count, being filled by its only owner. Turns into shared_bytes when full.
class byte_block {
  public:
    byte_block() = default;
    /// Room for `capacity` bytes, none of them used yet.
    explicit byte_block(std::size_t capacity);
    byte_block(byte_block&& other) noexcept : head_(std::exchange(other.head_, nullptr)) {}
    byte_block& operator=(byte_block&& other) noexcept {
        std::swap(head_, other.head_);
        return *this;
    }
    byte_block(const byte_block&) = delete;
    byte_block& operator=(const byte_block&) = delete;
    ~byte_block();

    [[nodiscard]] bool valid() const noexcept { return head_ != nullptr; }
    [[nodiscard]] char* data() noexcept;
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] std::size_t capacity() const noexcept;
    /// Says that the first `size` bytes hold something. Not above capacity().
    void resize(std::size_t size) noexcept;
    /// Moves what is there to a block of at least `capacity` bytes.
    void grow(std::size_t capacity);

  private:
    friend class shared_bytes;
    struct head;
    head* head_ = nullptr;
};

/// A view of immutable bytes that keeps them alive. Copying shares; any thread may hold a copy.
class shared_bytes {
  public:
    shared_bytes() = default;
    /// A copy of `bytes` with an owner of its own.
    explicit shared_bytes(std::string_view bytes);
    /// The part of `block` that starts at `offset` and is `length` long; `block` is empty afterwards.
    shared_bytes(byte_block&& block, std::size_t offset, std::size_t length) noexcept;
    shared_bytes(const shared_bytes& other) noexcept;
    shared_bytes(shared_bytes&& other) noexcept
        : head_(std::exchange(other.head_, nullptr)),
          offset_(std::exchange(other.offset_, 0)),
          length_(std::exchange(other.length_, 0)) {}
    shared_bytes& operator=(const shared_bytes& other) noexcept {
        shared_bytes copy(other);
        swap(copy);
        return *this;
    }
    shared_bytes& operator=(shared_bytes&& other) noexcept {
        shared_bytes taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~shared_bytes();

    /// The last `length` bytes, sharing the same memory.
    [[nodiscard]] shared_bytes suffix(std::size_t length) const noexcept;

    [[nodiscard]] std::string_view view() const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return length_; }
    [[nodiscard]] bool empty() const noexcept { return length_ == 0; }

  private:
    void swap(shared_bytes& other) noexcept {
        std::swap(head_, other.head_);
        std::swap(offset_, other.offset_);
        std::swap(length_, other.length_);
    }

    byte_block::head* head_ = nullptr;
    std::uint32_t offset_ = 0;
    std::uint32_t length_ = 0;
};

}  // namespace sheaf
