#include <algorithm>
#include <cstdint>
#include <new>
#include <sys/mman.h>

#include <sheaf/detail/page_block.hpp>

namespace sheaf::detail {

namespace {

constexpr std::size_t page_bytes = 4096;
constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;

std::size_t rounded_up(std::size_t bytes) {
    if (bytes > SIZE_MAX - huge_page_bytes) throw std::bad_alloc();
    const std::size_t unit = bytes >= huge_page_bytes ? huge_page_bytes : page_bytes;
    return (bytes + unit - 1) / unit * unit;
}

// Tables are read at random: huge pages save most of the misses in the address translation. Only advice.
void prefer_huge_pages(char* data, std::size_t size) {
    if (size >= huge_page_bytes) ::madvise(data, size, MADV_HUGEPAGE);
}

}  // namespace

page_block::page_block(std::size_t bytes) { grow(std::max(bytes, page_bytes)); }

page_block::~page_block() { release(); }

void page_block::grow(std::size_t bytes) {
    const std::size_t size = rounded_up(std::max(bytes, size_ > SIZE_MAX / 2 ? bytes : 2 * size_));
    void* const grown = data_ == nullptr ? ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
                                         : ::mremap(data_, size_, size, MREMAP_MAYMOVE);
    if (grown == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<char*>(grown);
    size_ = size;
    prefer_huge_pages(data_, size_);
}

void page_block::release() noexcept {
    if (data_ != nullptr) ::munmap(data_, size_);
    data_ = nullptr;
    size_ = 0;
}

}  // namespace sheaf::detail
