// What gzip and zstd files have in them, as streams. Memory is bounded whatever the bytes are.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "input/byte_stream.hpp"

struct z_stream_s;
struct ZSTD_DCtx_s;

namespace sheaf::detail {

/// Compressed bytes on their way into a decompressor.
class archive_feed {
  public:
    archive_feed(std::unique_ptr<byte_stream> from, std::string name);

    /// What has been read and not used; reads more when that is nothing. Empty at the end.
    [[nodiscard]] std::span<const char> bytes();
    void use(std::size_t count) noexcept { begin_ += count; }
    [[nodiscard]] std::uint64_t position() const { return from_->position() - (end_ - begin_); }
    /// Throws unit_refused: the archive is cut short, or damaged (`what`), where it has been read to.
    [[noreturn]] void refuse_short(const char* kind) const;
    [[noreturn]] void refuse_damaged(const char* kind, const std::string& what) const;

  private:
    std::unique_ptr<byte_stream> from_;
    std::string name_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

/// One member after the other, as gunzip has it.
class gzip_stream final : public byte_stream {
  public:
    gzip_stream(std::unique_ptr<byte_stream> from, std::string name);
    ~gzip_stream() override;

    [[nodiscard]] std::size_t read(std::span<char> into) override;
    [[nodiscard]] std::uint64_t position() const override { return feed_.position(); }

  private:
    [[nodiscard]] bool begin_member();
    void inflate_some();

    archive_feed feed_;
    std::unique_ptr<z_stream_s> state_;
    bool in_member_ = false;
    bool any_ = false;  // there was a member before
};

/// One frame after the other, as unzstd has it. A frame whose window is larger than 128 MiB is refused, as it is there.
class zstd_stream final : public byte_stream {
  public:
    zstd_stream(std::unique_ptr<byte_stream> from, std::string name);

    [[nodiscard]] std::size_t read(std::span<char> into) override;
    [[nodiscard]] std::uint64_t position() const override { return feed_.position(); }

  private:
    struct freeing {
        void operator()(ZSTD_DCtx_s* state) const noexcept;
    };

    archive_feed feed_;
    std::unique_ptr<ZSTD_DCtx_s, freeing> state_;
    bool in_frame_ = false;
};

}  // namespace sheaf::detail
