// Delimited text, record by record. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/detail/input_piece.hpp>

namespace sheaf::detail {

/// What counts of an input_format.
struct csv_dialect {
    char delimiter = ',';
    char quote = '"';  ///< 0: none
    bool newlines_in_fields = true;
    std::uint64_t record_bytes_max = std::uint64_t{1} << 20;

    csv_dialect() = default;
    explicit csv_dialect(const input_format& of) noexcept
        : delimiter(of.delimiter),
          quote(of.quote),
          newlines_in_fields(of.newlines_in_fields),
          record_bytes_max(of.record_bytes_max) {}
};

/// A field of a record: a view of the file or, if it had doubled quotes, a part of a string beside it.
struct csv_field {
    const char* data = nullptr;  ///< null: `begin` counts
    std::size_t begin = 0;
    std::size_t size = 0;

    [[nodiscard]] std::string_view text(const std::string& unquoted) const noexcept {
        return data != nullptr ? std::string_view(data, size) : std::string_view(unquoted).substr(begin, size);
    }
};

/// What is wrong with a text, and where in it.
struct csv_fault {
    std::size_t at = 0;
    const char* what = nullptr;
};

/// Reads the record at the beginning of `text` into `fields`, and into `unquoted` what had doubled quotes. `last`: nothing follows
/// the text. Returns how long the record is, with the end of its line; 0 when it does not end in the text. Throws csv_fault.
[[nodiscard]] std::size_t read_csv_record(std::string_view text, const csv_dialect& how, bool last,
                                          std::vector<csv_field>& fields, std::string& unquoted);

/// How many bytes of empty lines `text` begins with.
[[nodiscard]] std::size_t empty_lines(std::string_view text) noexcept;

/// A fault as the refusal of a unit: no other attempt reads it better.
[[noreturn]] void refuse_csv(const csv_fault& why, const std::string& path, std::uint64_t text_offset);

}  // namespace sheaf::detail
