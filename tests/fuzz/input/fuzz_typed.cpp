// Typed files and values: whatever the bytes, they end in records or in a refusal.
//
// The first byte says how the rest is used. 0 (modulo 3): it is the file. 1: it is what records of a good file are made of, which is cut
// in pieces, as large as the next byte says, and must come back. 2: it is the records, without a file around them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "bytes_elsewhere.hpp"
#include <sheaf/detail/typed_file.hpp>
#include <sheaf/detail/unit_refused.hpp>
#include <sheaf/typed_split.hpp>

namespace {

using namespace sheaf;

const detail::input_format typed{.records = detail::record_format::typed, .packing = compression::none};

void read_hostile(const fuzz::piece_list& what, std::string_view bytes) {
    try {
        detail::for_each_split<pair_split<std::string, std::vector<std::uint64_t>>>(
            what, fuzz::reading(bytes), [](const auto& in) {
                for (const auto& one : in.records()) (void)one;
            });
    } catch (const detail::unit_refused&) {
    }
}

void read_back(std::string_view content, std::size_t piece_bytes) {
    std::vector<std::string> written;
    std::string records;
    for (std::size_t size = 0; !content.empty(); size = (size * 3 + 1) % 50) {
        written.emplace_back(content.substr(0, size));
        content.remove_prefix(std::min(size, content.size()));
        const std::string encoded = encode(written.back());
        detail::append_length(records, encoded.size());
        records += encoded;
    }
    detail::typed_file_writer frame(detail::type_schema<std::string>());
    frame.add(records);
    const std::string file = std::string(frame.begin()) + records + frame.end();
    std::vector<std::string> read;
    detail::for_each_split<typed_split<std::string>>(fuzz::cut(file, piece_bytes, typed), fuzz::reading(file),
                                                     [&](const typed_split<std::string>& in) {
                                                         for (const std::string_view one : in.records())
                                                             read.emplace_back(one);
                                                     });
    if (read != written) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
    if (data[0] % 3 == 0) {
        read_hostile(fuzz::cut(bytes, 1 + data[1], typed), bytes);
    } else if (data[0] % 3 == 1) {
        read_back(bytes, 1 + data[1]);
    } else {
        read_hostile({{{.length = bytes.size(), .indivisible = true, .content = std::string(bytes)}},
                      {{.records = detail::record_format::values}}},
                     bytes);
    }
    return 0;
}
