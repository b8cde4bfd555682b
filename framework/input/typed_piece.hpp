// A piece of a typed file: chunks are records of some blocks, whose checksums are right.
#pragma once

#include <memory>
#include <vector>

#include "input/piece_reader.hpp"
#include "input/typed_index.hpp"
#include <sheaf/detail/mapped_file.hpp>

namespace sheaf::detail {

class typed_piece final : public piece_reader {
  public:
    typed_piece(const input_piece& what, const input_format& how, std::unique_ptr<range_reader> from);

    [[nodiscard]] bool next(record_chunk& into) override;
    [[nodiscard]] std::uint64_t position() const override { return done_; }
    void check_unchanged() override;

  private:
    /// The bytes of a block, checked; good until the next is asked for.
    [[nodiscard]] std::string_view load(const typed_index::block& block);
    /// Where in a block's bytes the first record is that begins at or after `offset` of the file.
    [[nodiscard]] std::size_t record_at(const typed_index::block& block, std::string_view bytes,
                                        std::uint64_t offset) const;
    [[noreturn]] void refuse(const typed_index::block& block) const;

    std::unique_ptr<range_reader> from_;
    std::uint64_t record_bytes_max_;
    const class local_file* local_ = nullptr;  // from_, if it is one
    typed_index index_;
    std::uint64_t begin_;  // the piece: records that begin in [begin_, end_)
    std::uint64_t end_;
    std::uint64_t done_ = 0;
    std::size_t next_block_;
    mapped_file mapped_;  // of local_, from the piece's first block on
    std::uint64_t mapped_from_ = 0;
    std::vector<char> buffer_;  // of a block that is elsewhere
};

}  // namespace sheaf::detail
