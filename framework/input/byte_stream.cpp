#include "input/byte_stream.hpp"

#include <algorithm>

#include "input/archive_streams.hpp"

namespace sheaf::detail {

namespace {

class range_stream final : public byte_stream {
  public:
    range_stream(range_reader& from, std::uint64_t begin, std::uint64_t end) : from_(from), at_(begin), end_(end) {
        from_.expect_reads(begin, end - begin);
    }
    [[nodiscard]] std::size_t read(std::span<char> into) override {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), end_ - at_));
        if (size == 0) return 0;
        const std::size_t got = from_.read_at(at_, into.first(size));
        at_ += got;
        return got;
    }
    [[nodiscard]] std::uint64_t position() const override { return at_; }

  private:
    range_reader& from_;
    std::uint64_t at_;
    std::uint64_t end_;
};

}  // namespace

std::unique_ptr<byte_stream> open_stream(range_reader& from, std::uint64_t begin, std::uint64_t end,
                                         compression packing) {
    auto plain = std::make_unique<range_stream>(from, begin, end);
    if (packing == compression::gzip) return std::make_unique<gzip_stream>(std::move(plain), from.name());
    if (packing == compression::zstd) return std::make_unique<zstd_stream>(std::move(plain), from.name());
    return plain;
}

}  // namespace sheaf::detail
