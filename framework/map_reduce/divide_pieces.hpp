// Cutting a map unit into smaller ones, to find out what in it does harm. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include <sheaf/detail/input_piece.hpp>

namespace sheaf::detail {

/// The pieces of a unit in up to `ways` parts, in order: some whole pieces each, or of a single piece its parts. One part or none
/// when it cannot be divided any more.
[[nodiscard]] std::vector<std::vector<input_piece>> divide_pieces(const std::vector<input_piece>& pieces,
                                                                  const input_formats& formats, std::size_t ways);

}  // namespace sheaf::detail
