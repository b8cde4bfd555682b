#include "protocol/output_buffer.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace sheaf::protocol {
namespace {

// An idle connection should cost next to nothing, a busy one should not allocate each turn.
constexpr std::size_t keep_capacity = 64 * 1024;

}  // namespace

void output_buffer::append(const shared_bytes& bytes) {
    if (bytes.size() < reference_threshold) return append(bytes.view());
    references_.push_back({bytes_.size(), bytes});
    size_ += bytes.size();
}

std::size_t output_buffer::gather(std::span<std::string_view> pieces) const noexcept {
    std::size_t used = 0;
    std::size_t at = head_;
    std::size_t skip = reference_head_;
    for (std::size_t r = first_reference_; r <= references_.size() && used < pieces.size(); ++r) {
        const std::size_t until = r < references_.size() ? references_[r].at : bytes_.size();
        if (until > at) {
            pieces[used++] = {bytes_.data() + at, until - at};
            at = until;
        }
        if (r < references_.size() && used < pieces.size()) pieces[used++] = references_[r].data.view().substr(std::exchange(skip, 0));
    }
    return used;
}

void output_buffer::consume(std::size_t n) noexcept {
    SHEAF_ASSERT(n <= size_, "no more is written than there was");
    size_ -= n;
    if (size_ == 0) return clear();
    while (n != 0) {
        const bool has_reference = first_reference_ < references_.size();
        const std::size_t until = has_reference ? references_[first_reference_].at : bytes_.size();
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
    if (head_ < keep_capacity || head_ < bytes_.size() / 2) return;
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
    references_.erase(references_.begin(), references_.begin() + static_cast<std::ptrdiff_t>(first_reference_));
    for (reference& r : references_) r.at -= head_;
    head_ = first_reference_ = 0;
}

void output_buffer::clear() noexcept {
    bytes_.clear();
    if (bytes_.capacity() > keep_capacity) {
        decltype(bytes_) none;
        bytes_.swap(none);
    }
    references_.clear();
    head_ = first_reference_ = reference_head_ = size_ = 0;
}

}  // namespace sheaf::protocol
