// Compressing the blocks of segment files, where a run asks for it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

struct ZSTD_CCtx_s;

namespace sheaf::detail {

/// A block is at most so many times as large as what it was packed to. What packs better is left as it is, so that a reader may take any
/// claim beyond this for damage, before it takes memory.
inline constexpr std::size_t packing_ratio_max = 256;

class block_packer {
  public:
    block_packer();
    block_packer(const block_packer&) = delete;
    block_packer& operator=(const block_packer&) = delete;
    ~block_packer();

    /// Packs `bytes` behind `room` bytes that are the caller's. Returns all, valid until the next call; empty when it would not be worth
    /// reading again.
    [[nodiscard]] std::span<char> pack(std::string_view bytes, std::size_t room);

  private:
    struct release {
        void operator()(ZSTD_CCtx_s* context) const noexcept;
    };
    std::unique_ptr<ZSTD_CCtx_s, release> context_;
    std::vector<char> packed_;
};

/// Unpacks `packed` into `to`. False unless that is what it makes, exactly.
[[nodiscard]] bool unpack_block(std::string_view packed, std::span<char> to);

}  // namespace sheaf::detail
