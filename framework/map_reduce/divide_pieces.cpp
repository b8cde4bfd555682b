#include "map_reduce/divide_pieces.hpp"

#include <algorithm>

#include "input/split_plan.hpp"

namespace sheaf::detail {

std::vector<std::vector<input_piece>> divide_pieces(const std::vector<input_piece>& pieces,
                                                    const input_formats& formats, std::size_t ways) {
    std::vector<std::vector<input_piece>> parts;
    if (pieces.size() > 1) {
        const std::size_t count = std::min(ways, pieces.size());
        for (std::size_t i = 0; i < count; ++i) {
            const auto begin = pieces.begin() + static_cast<std::ptrdiff_t>(i * pieces.size() / count);
            const auto end = pieces.begin() + static_cast<std::ptrdiff_t>((i + 1) * pieces.size() / count);
            parts.emplace_back(begin, end);
        }
        return parts;
    }
    for (const input_piece& whole : pieces) {
        for (input_piece& part : cut_piece(whole, formats.at(whole.input), ways)) parts.push_back({std::move(part)});
    }
    return parts;
}

}  // namespace sheaf::detail
