#include "exchange/block_packing.hpp"

#include <new>
#include <zstd.h>

namespace sheaf::detail {

namespace {

// The fastest: spills are read once, by somebody who waits.
constexpr int level = 1;

struct release_reader {
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

}  // namespace

void block_packer::release::operator()(ZSTD_CCtx_s* context) const noexcept { ZSTD_freeCCtx(context); }

block_packer::block_packer() : context_(ZSTD_createCCtx()) {
    if (!context_) throw std::bad_alloc();
}

block_packer::~block_packer() = default;

std::span<char> block_packer::pack(std::string_view bytes, std::size_t room) {
    const std::size_t worth = bytes.size() - bytes.size() / 8;
    if (packed_.size() < room + worth) packed_.resize(room + worth);
    const std::size_t size =
        ZSTD_compressCCtx(context_.get(), packed_.data() + room, worth, bytes.data(), bytes.size(), level);
    // An error is that it did not fit.
    if (ZSTD_isError(size) != 0 || size < bytes.size() / packing_ratio_max + 1) return {};
    return {packed_.data(), room + size};
}

bool unpack_block(std::string_view packed, std::span<char> to) {
    // One for all cursors of a merge, which may be many.
    static thread_local const std::unique_ptr<ZSTD_DCtx, release_reader> context(ZSTD_createDCtx());
    if (!context) throw std::bad_alloc();
    return ZSTD_decompressDCtx(context.get(), to.data(), to.size(), packed.data(), packed.size()) == to.size();
}

}  // namespace sheaf::detail
