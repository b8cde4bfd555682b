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

    template <class Archive>
    void serialize(Archive& archive) {
        archive(encoding, delimiter, quote, columns, schema);
    }
};

}  // namespace sheaf::detail
