#include "input/streamed_piece.hpp"

#include <algorithm>
#include <cstring>

#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {

namespace {

constexpr std::size_t chunk_bytes = 1U << 20;
constexpr std::size_t buffer_bytes_min = 16U << 10;

const char* word_for(record_format records) noexcept {
    switch (records) {
        case record_format::lines: return "a line";
        case record_format::words: return "a word";
        case record_format::whole_files: return "the file";
        default: return "a record";
    }
}

}  // namespace

streamed_piece::streamed_piece(const input_piece& what, const input_format& how, std::unique_ptr<range_reader> from)
    : how_(how), from_(std::move(from)), borders_(borders_of(how, what.path)) {
    const compression packing = packing_of(how, what.path);
    if (packing == compression::none) {
        open_plain(what);
    } else {
        // It is not cut: its records are all here.
        stream_ = open_stream(*from_, 0, what.file_size, packing);
        preamble_left_ = true;
    }
    empty_left_ = how.records == record_format::whole_files;
    // Small files do not need much, and there may be many of them.
    const auto wanted = std::clamp<std::uint64_t>(what.file_size * 4, buffer_bytes_min, chunk_bytes);
    if (stream_) buffer_.resize(static_cast<std::size_t>(std::min(wanted, most_in_memory())));
}

void streamed_piece::open_plain(const input_piece& what) {
    const std::uint64_t offset = std::min(what.offset, what.file_size);
    const std::uint64_t border = offset + std::min(what.length, what.file_size - offset);
    began_ = borders_->first_at(*from_, offset, border);
    if (began_ == border && what.file_size != 0) return;
    offset_ = began_;
    stream_ = open_stream(*from_, began_, borders_->first_at(*from_, border, what.file_size), compression::none);
}

bool streamed_piece::next(record_chunk& into) {
    if (!stream_) return false;
    while (true) {
        fill();
        if (preamble_left_) skip_preamble();
        if (!preamble_left_) {
            const std::size_t size = borders_->whole_records(unused(), ended_);
            const bool is_empty_record = size == 0 && ended_ && empty_left_;
            if (size != 0 || is_empty_record) {
                into = {unused().substr(0, size), offset_};
                begin_ += size;
                offset_ += size;
                empty_left_ = false;
                return true;
            }
        }
        if (ended_) return false;
        grow();
    }
}

// Reads until the buffer is full, or the stream has ended.
void streamed_piece::fill() {
    if (begin_ != 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    while (!ended_ && end_ < buffer_.size()) {
        const std::size_t got = stream_->read({buffer_.data() + end_, buffer_.size() - end_});
        ended_ = got == 0;
        end_ += got;
    }
}

void streamed_piece::skip_preamble() {
    const std::size_t size = borders_->preamble(unused(), ended_);
    if (size == record_borders::more) return;
    begin_ += size;
    offset_ += size;
    preamble_left_ = false;
}

// A byte more than a record may have, so that one that is as long is seen to end.
std::uint64_t streamed_piece::most_in_memory() const noexcept {
    return std::max<std::uint64_t>(std::min<std::uint64_t>(how_.record_bytes_max, std::uint64_t{1} << 62) + 1,
                                   buffer_bytes_min);
}

// Makes room for a record that does not fit.
void streamed_piece::grow() {
    if (begin_ != 0 || end_ < buffer_.size()) return;  // there is room
    const std::uint64_t most = most_in_memory();
    if (buffer_.size() >= most) {
        throw unit_refused(
            std::string(word_for(how_.records)) + " of '" + from_->name() + "' at byte " + std::to_string(offset_) +
            " is longer than " + std::to_string(most - 1) +
            " bytes, and has to be held in memory, since the file is compressed or not on the worker's host. Allow for "
            "longer ones in the input's options" +
            (how_.records == record_format::lines ? ", or let it be cut at words: see sheaf::word_files()." : "."));
    }
    buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(2 * buffer_.size(), most)));
}

}  // namespace sheaf::detail
