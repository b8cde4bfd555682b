#include "protocol/output_buffer.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace sheaf::protocol {
namespace {

// An idle connection should cost next to nothing, a busy one should not allocate each turn.
constexpr std::size_t keep_capacity = 64 * 1024;

constexpr std::size_t first_capacity = 512;

}  // namespace

void output_buffer::swap(output_buffer& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(capacity_, other.capacity_);
    std::swap(used_, other.used_);
    std::swap(head_, other.head_);
    std::swap(references_, other.references_);
    std::swap(first_reference_, other.first_reference_);
    std::swap(reference_head_, other.reference_head_);
    std::swap(size_, other.size_);
}

// Makes room for `n` more bytes.
void output_buffer::grow(std::size_t n) {
    const std::size_t capacity = std::max({used_ + n, 2 * capacity_, first_capacity});
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (used_ != 0) std::memcpy(larger.get(), bytes_.get(), used_);
    bytes_ = std::move(larger);
    capacity_ = capacity;
}

void output_buffer::append(const shared_bytes& bytes) {
    if (bytes.size() < reference_threshold) return append(bytes.view());
    references_.push_back({used_, bytes});
    size_ += bytes.size();
}

std::size_t output_buffer::gather(std::span<std::string_view> pieces) const noexcept {
    std::size_t count = 0;
    std::size_t at = head_;
    std::size_t skip = reference_head_;
    for (std::size_t r = first_reference_; r <= references_.size() && count < pieces.size(); ++r) {
        const bool is_end = r == references_.size();
        const std::size_t until = is_end ? used_ : references_[r].at;
        if (until > at) pieces[count++] = {bytes_.get() + at, until - at};
        at = until;
        if (!is_end && count < pieces.size())
            pieces[count++] = references_[r].data.view().substr(std::exchange(skip, 0));
    }
    return count;
}

void output_buffer::consume(std::size_t n) noexcept {
    SHEAF_ASSERT(n <= size_, "no more is written than there was");
    size_ -= n;
    if (size_ == 0) return clear();
    while (n != 0) {
        const bool has_reference = first_reference_ < references_.size();
        const std::size_t until = has_reference ? references_[first_reference_].at : used_;
        const std::size_t inline_part = std::min(n, until - head_);
        head_ += inline_part;
        n -= inline_part;
        if (n == 0) break;
        const std::size_t left = references_[first_reference_].data.size() - reference_head_;
        const std::size_t part = std::min(n, left);
        n -= part;
        reference_head_ += part;
        if (part == left) {
            references_[first_reference_].data = {};
            ++first_reference_;
            reference_head_ = 0;
        }
    }
    compact();
}

// A connection that is never quite drained must not keep all that it ever sent.
void output_buffer::compact() noexcept {
    if (head_ < keep_capacity || head_ < used_ / 2) return;
    std::memmove(bytes_.get(), bytes_.get() + head_, used_ - head_);
    used_ -= head_;
    references_.erase(references_.begin(), references_.begin() + static_cast<std::ptrdiff_t>(first_reference_));
    for (reference& r : references_) r.at -= head_;
    head_ = first_reference_ = 0;
}

void output_buffer::clear() noexcept {
    if (capacity_ > keep_capacity) {
        bytes_.reset();
        capacity_ = 0;
    }
    references_.clear();
    used_ = head_ = first_reference_ = reference_head_ = size_ = 0;
}

}  // namespace sheaf::protocol
