// How the keys and values that a job gives are written, as driver and workers agree on it. Not for users.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

namespace sheaf::detail {

enum class output_encoding : std::uint8_t { text, csv, typed };

struct output_format {
    output_encoding encoding = output_encoding::text;
    char delimiter = ',';              ///< of csv
    char quote = '"';                  ///< of csv; 0: none
    std::vector<std::string> columns;  ///< of csv: names for the first line of each file
    std::string schema;                ///< of typed: the type of records that is expected; empty: any
    /// Of text: every record that a reduce attempt reads becomes so many bytes, as far as is known. The output directory then has the
    /// common file, in which attempts can tell their places. 0: it has none.
    std::uint64_t record_bytes = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(encoding, delimiter, quote, columns, schema, record_bytes);
    }
};

/// A stretch of a file.
struct file_range {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;

    friend bool operator==(const file_range&, const file_range&) = default;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(offset, length);
    }
};

}  // namespace sheaf::detail
