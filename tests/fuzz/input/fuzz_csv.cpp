// Delimited records in pieces: whatever the bytes and the borders, the pieces have the same records as the whole, or both are
// refused.
//
// The first byte chooses the format, the second how large pieces are; the rest is the file.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytes_elsewhere.hpp"
#include <sheaf/csv_split.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace {

using namespace sheaf;
using table = std::vector<std::vector<std::string>>;

// Nothing when it is refused.
std::optional<table> read(const fuzz::piece_list& what, std::string_view bytes) {
    table rows;
    try {
        detail::for_each_split<csv_split>(what, fuzz::reading(bytes), [&](const csv_split& in) {
            for (const csv_row& row : in.rows()) {
                auto& fields = rows.emplace_back();
                for (std::size_t i = 0; i < row.size(); ++i) fields.emplace_back(row[i]);
            }
        });
    } catch (const detail::unit_refused&) {
        return std::nullopt;
    }
    return rows;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
    const detail::input_format format{
        .records = detail::record_format::csv,
        // Small ones let both assumptions about quotes live on, so that the quotes are counted.
        .record_bytes_max = (data[0] & 1) != 0 ? std::uint64_t{1} << 20 : 40,
        .quote = (data[0] & 2) != 0 ? '\0' : '"',
        .header = (data[0] & 4) != 0,
        .newlines_in_fields = (data[0] & 8) == 0,
    };
    const auto whole = read(fuzz::cut(bytes, bytes.size(), format), bytes);
    const auto pieces = read(fuzz::cut(bytes, 1 + data[1], format), bytes);
    if (whole != pieces) std::abort();
    return 0;
}
