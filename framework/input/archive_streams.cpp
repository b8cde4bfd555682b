#include "input/archive_streams.hpp"

#include <new>
#include <utility>
#include <zlib.h>
#include <zstd.h>

#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {

archive_feed::archive_feed(std::unique_ptr<byte_stream> from, std::string name)
    : from_(std::move(from)), name_(std::move(name)), buffer_(128U << 10) {}

std::span<const char> archive_feed::bytes() {
    if (begin_ == end_) {
        begin_ = 0;
        end_ = from_->read(buffer_);
    }
    return {buffer_.data() + begin_, end_ - begin_};
}

void archive_feed::refuse_short(const char* kind) const {
    throw unit_refused("'" + name_ + "' is not a whole " + kind + " file: it ends at byte " +
                       std::to_string(position()) + ", in the middle. Has it been copied to its end?");
}

void archive_feed::refuse_damaged(const char* kind, const std::string& what) const {
    throw unit_refused("'" + name_ + "' is not a good " + kind + " file: " + what + ", near its byte " +
                       std::to_string(position()) + ". Test it with `" + (kind[0] == 'g' ? "gzip -t" : "zstd -t") +
                       "`; if its name misleads, say how it is packed in the input's options.");
}

gzip_stream::gzip_stream(std::unique_ptr<byte_stream> from, std::string name)
    : feed_(std::move(from), std::move(name)), state_(std::make_unique<z_stream_s>()) {
    constexpr int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(state_.get(), gzip_only) != Z_OK) throw std::bad_alloc();
}

gzip_stream::~gzip_stream() { inflateEnd(state_.get()); }

// Whether there is another member. As gunzip, ignores zeros after the last one: tapes and blocks are padded with them.
bool gzip_stream::begin_member() {
    for (auto bytes = feed_.bytes(); !bytes.empty(); bytes = feed_.bytes()) {
        if (!any_ || bytes[0] != '\0') {
            in_member_ = any_ = true;
            inflateReset(state_.get());
            return true;
        }
        feed_.use(1);
    }
    return false;
}

void gzip_stream::inflate_some() {
    const auto bytes = feed_.bytes();
    if (bytes.empty()) feed_.refuse_short("gzip");
    state_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // NOLINT: zlib does not write to it
    state_->avail_in = static_cast<uInt>(bytes.size());
    const int how = inflate(state_.get(), Z_NO_FLUSH);
    feed_.use(bytes.size() - state_->avail_in);
    if (how == Z_MEM_ERROR) throw std::bad_alloc();
    if (how == Z_STREAM_END) {
        in_member_ = false;
    } else if (how != Z_OK && how != Z_BUF_ERROR) {
        feed_.refuse_damaged("gzip", state_->msg != nullptr ? state_->msg : "its bytes make no sense");
    }
}

std::size_t gzip_stream::read(std::span<char> into) {
    // No read is longer than this, so that zlib's counts hold it.
    if (into.size() > (1U << 30)) into = into.first(1U << 30);
    state_->next_out = reinterpret_cast<Bytef*>(into.data());
    state_->avail_out = static_cast<uInt>(into.size());
    while (state_->avail_out == into.size() && (in_member_ || begin_member())) inflate_some();
    return into.size() - state_->avail_out;
}

void zstd_stream::freeing::operator()(ZSTD_DCtx_s* state) const noexcept { ZSTD_freeDCtx(state); }

zstd_stream::zstd_stream(std::unique_ptr<byte_stream> from, std::string name)
    : feed_(std::move(from), std::move(name)), state_(ZSTD_createDCtx()) {
    if (!state_) throw std::bad_alloc();
}

std::size_t zstd_stream::read(std::span<char> into) {
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos == 0) {
        const auto bytes = feed_.bytes();
        if (bytes.empty() && in_frame_) feed_.refuse_short("zstd");
        if (bytes.empty()) break;
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        const std::size_t left = ZSTD_decompressStream(state_.get(), &out, &in);
        feed_.use(in.pos);
        if (ZSTD_isError(left) != 0) feed_.refuse_damaged("zstd", ZSTD_getErrorName(left));
        in_frame_ = left != 0;
    }
    return out.pos;
}

}  // namespace sheaf::detail
