#include "sheaf/runtime/shared_bytes.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <new>

#include "base/assert.hpp"

namespace sheaf {

struct byte_block::head {
    std::atomic<std::uint32_t> references{1};
    std::uint32_t size = 0;
    std::size_t capacity = 0;

    char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }

    static head* allocate(std::size_t capacity) {
        SHEAF_ASSERT(capacity <= std::numeric_limits<std::uint32_t>::max(), "a block is below 4 GiB");
        void* const memory = ::operator new(sizeof(head) + capacity);
        auto* const h = ::new (memory) head;
        h->capacity = capacity;
        return h;
    }
    static void release(head* h) noexcept {
        if (h != nullptr && h->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            h->~head();
            ::operator delete(h);
        }
    }
};

byte_block::byte_block(std::size_t capacity) : head_(head::allocate(capacity)) {}
byte_block::~byte_block() { head::release(head_); }

char* byte_block::data() noexcept { return head_ == nullptr ? nullptr : head_->bytes(); }
std::size_t byte_block::size() const noexcept { return head_ == nullptr ? 0 : head_->size; }
std::size_t byte_block::capacity() const noexcept { return head_ == nullptr ? 0 : head_->capacity; }

void byte_block::resize(std::size_t size) noexcept {
    SHEAF_ASSERT(size <= capacity(), "a block cannot hold more than its capacity");
    if (head_ != nullptr) head_->size = static_cast<std::uint32_t>(size);
}

void byte_block::grow(std::size_t capacity) {
    if (capacity <= this->capacity()) return;
    byte_block larger(capacity);
    if (size() != 0) std::memcpy(larger.data(), data(), size());
    larger.resize(size());
    *this = std::move(larger);
}

shared_bytes::shared_bytes(std::string_view bytes) {
    if (bytes.empty()) return;
    head_ = byte_block::head::allocate(bytes.size());
    std::memcpy(head_->bytes(), bytes.data(), bytes.size());
    head_->size = length_ = static_cast<std::uint32_t>(bytes.size());
}

shared_bytes::shared_bytes(byte_block&& block, std::size_t offset, std::size_t length) noexcept
    : head_(std::exchange(block.head_, nullptr)),
      offset_(static_cast<std::uint32_t>(offset)),
      length_(static_cast<std::uint32_t>(length)) {
    SHEAF_ASSERT(head_ == nullptr ? length == 0 : offset + length <= head_->size, "a view lies within its block");
}

shared_bytes::shared_bytes(const shared_bytes& other) noexcept
    : head_(other.head_), offset_(other.offset_), length_(other.length_) {
    if (head_ != nullptr) head_->references.fetch_add(1, std::memory_order_relaxed);
}

shared_bytes::~shared_bytes() { byte_block::head::release(head_); }

shared_bytes shared_bytes::suffix(std::size_t length) const noexcept {
    SHEAF_ASSERT(length <= length_, "a part is not longer than the whole");
    if (length == 0) return {};  // nothing to keep the block alive for
    shared_bytes part(*this);
    part.offset_ += static_cast<std::uint32_t>(length_ - length);
    part.length_ = static_cast<std::uint32_t>(length);
    return part;
}

std::string_view shared_bytes::view() const noexcept {
    return head_ == nullptr ? std::string_view{} : std::string_view{head_->bytes() + offset_, length_};
}

}  // namespace sheaf
