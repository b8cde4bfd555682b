// A piece whose bytes are not in a plain file of this host: compressed, or elsewhere. Chunks are held in memory, one at a time.
#pragma once

#include <string>
#include <vector>

#include "input/byte_stream.hpp"
#include "input/piece_reader.hpp"
#include "input/record_borders.hpp"

namespace sheaf::detail {

class streamed_piece final : public piece_reader {
  public:
    streamed_piece(const input_piece& what, const input_format& how, std::unique_ptr<range_reader> from);

    [[nodiscard]] bool next(record_chunk& into) override;
    [[nodiscard]] std::uint64_t position() const override { return stream_ ? stream_->position() - began_ : 0; }
    [[nodiscard]] std::string_view header() const override { return borders_->header(); }
    void check_unchanged() override { from_->check_unchanged(); }

  private:
    void open_plain(const input_piece& what);
    void skip_preamble();
    void fill();
    [[nodiscard]] std::uint64_t most_in_memory() const noexcept;
    void grow();
    [[nodiscard]] std::string_view unused() const noexcept { return {buffer_.data() + begin_, end_ - begin_}; }

    const input_format& how_;
    std::unique_ptr<range_reader> from_;
    std::unique_ptr<record_borders> borders_;
    std::unique_ptr<byte_stream> stream_;  // null: the piece has no records
    std::uint64_t began_ = 0;              // where the stream begins in the file
    bool preamble_left_ = false;
    bool empty_left_ = false;  // an empty file that is a record
    bool ended_ = false;       // the stream has
    std::vector<char> buffer_;
    std::size_t begin_ = 0;  // [begin_, end_) of the buffer has been read and not been given
    std::size_t end_ = 0;
    std::uint64_t offset_ = 0;  // of begin_, in the file as it is unpacked
};

}  // namespace sheaf::detail
