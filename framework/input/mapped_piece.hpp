// A piece of a plain file of this host: stretches of the mapped file itself.
#pragma once

#include <vector>

#include "input/local_file.hpp"
#include "input/piece_reader.hpp"
#include "input/record_borders.hpp"
#include <sheaf/detail/mapped_file.hpp>

namespace sheaf::detail {

class mapped_piece final : public piece_reader {
  public:
    mapped_piece(const input_piece& what, const input_format& how);

    [[nodiscard]] bool next(record_chunk& into) override;
    [[nodiscard]] std::uint64_t position() const override { return given_; }
    [[nodiscard]] std::string_view header() const override { return borders_->header(); }
    void check_unchanged() override;

  private:
    void load(std::uint64_t begin, std::uint64_t end);
    [[nodiscard]] std::size_t next_size(std::string_view left) const;

    std::uint64_t length_;
    bool divisible_;  // into stretches, at little cost
    local_file file_;
    std::unique_ptr<record_borders> borders_;
    mapped_file mapped_;
    std::vector<char> copied_;  // instead, where that is cheaper
    std::string_view bytes_;    // of all records
    std::uint64_t begin_ = 0;   // where they are in the file
    bool empty_;                // there is none, not even an empty one
    std::size_t given_ = 0;     // how many bytes
};

}  // namespace sheaf::detail
