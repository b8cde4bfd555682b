// Bytes on their way out of a connection, gathered during a turn of the loop and written by one system call.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
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

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Room for exactly `n` bytes, which the caller fills at once.
    [[nodiscard]] char* extend(std::size_t n) {
        const std::size_t old = bytes_.size();
        bytes_.resize(old + n);
        size_ += n;
        return bytes_.data() + old;
    }
    void append(std::string_view bytes) {
        if (!bytes.empty()) std::memcpy(extend(bytes.size()), bytes.data(), bytes.size());
    }
    /// Appends `bytes`, by reference when they are many.
    void append(const shared_bytes& bytes);

    /// Fills `pieces` with the first of what is to be written; returns how many pieces were used.
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

    // `bytes_` is a vector that does not zero what resize() adds: extend() is on the hot path.
    template <class T>
    struct uninitialized : std::allocator<T> {
        template <class U>
        struct rebind {
            using other = uninitialized<U>;
        };
        template <class U, class... Args>
        void construct(U* at, Args&&... args) {
            if constexpr (sizeof...(Args) == 0) {
                ::new (static_cast<void*>(at)) U;
            } else {
                ::new (static_cast<void*>(at)) U(std::forward<Args>(args)...);
            }
        }
    };

    void compact() noexcept;

    std::vector<char, uninitialized<char>> bytes_;
    std::vector<reference> references_;
    std::size_t head_ = 0;            ///< consumed part of `bytes_`
    std::size_t first_reference_ = 0; ///< consumed part of `references_`
    std::size_t reference_head_ = 0;  ///< consumed part of the first reference
    std::size_t size_ = 0;
};

}  // namespace sheaf::protocol
