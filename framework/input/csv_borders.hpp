// Where the records of CSV files begin: after a newline that is not within quotes.
//
// Whether a place is within quotes depends on how many there are before it. Nobody wants to read all that: a reader assumes both,
// reads on, and drops the assumption that makes the quotes it meets impossible, for a quote that opens follows a delimiter or a
// newline and one that closes precedes one. Where there is no quote for as far as a record may reach, the place is not within any.
// Where both assumptions hold for so long, which takes fields made of delimiters, the quotes before it are counted after all.
//
// Each newline is judged by itself, so that the places where records begin are the same whoever looks for them, from wherever. In a file
// that is not well-formed they may be wrong ones; but then some split ends within quotes, or has a quote in a wrong place,
// which is an error, and never a record that is lost or read twice.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "input/record_borders.hpp"
#include <sheaf/detail/csv_scan.hpp>

namespace sheaf::detail {

class csv_borders final : public record_borders {
  public:
    csv_borders(const input_format& how, std::string name);

    [[nodiscard]] std::uint64_t first_at(range_reader& in, std::uint64_t from, std::uint64_t limit) override;
    [[nodiscard]] std::size_t preamble(std::string_view bytes, bool last) override;
    [[nodiscard]] std::size_t whole_records(std::string_view bytes, bool last) override;
    [[nodiscard]] std::string_view header() const override { return header_; }

  private:
    /// What is known of a place: it is within quotes, or it is not.
    enum class quoting : bool { outside, inside };
    struct evidence;

    struct finding {
        quoting state = quoting::outside;
        std::uint64_t goes_for_all_before = 0;  ///< it is the same from the place up to here
    };

    [[nodiscard]] std::uint64_t find_preamble(range_reader& in);
    [[nodiscard]] std::uint64_t find_newline(range_reader& in, std::uint64_t from, std::uint64_t limit);
    [[nodiscard]] finding quoting_at(range_reader& in, std::uint64_t at);
    [[nodiscard]] quoting count_quotes(range_reader& in, std::uint64_t at);

    csv_dialect dialect_;
    bool has_header_;
    std::string name_;
    std::string header_;
    std::optional<std::uint64_t> first_record_;  // where the file's first record begins
    std::vector<char> window_;
    std::vector<csv_field> fields_;  // of no interest
    std::string unquoted_;
};

}  // namespace sheaf::detail
