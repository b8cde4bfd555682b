// Keys and values as fields of delimited records. Not for users.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <sheaf/detail/cereal_parts.hpp>
#include <sheaf/detail/output_format.hpp>
#include <sheaf/detail/printed.hpp>
#include <sheaf/detail/wire_kind.hpp>

namespace sheaf::detail {

/// Appends `text` as a field, quoted when it has to be. Throws unit_refused when it would have to and `how` has no quote.
void append_csv_field(std::string& out, std::string_view text, const output_format& how);

/// The first line of a file: the names of the columns. Empty when there are none.
[[nodiscard]] std::string csv_head(const output_format& how);

/// Throws unit_refused: there is a list, a map or the like in what should be fields.
[[noreturn]] void refuse_csv_value();

/// Appends the fields of one record to a text, those of each value as output.hpp says. To a class's serialize() it is the archive.
class csv_fields {
  public:
    csv_fields(std::string& out, const output_format& how) noexcept : out_(out), how_(how) {}

    template <class T>
    void append(const T& value) {
        constexpr wire_kind kind = kind_of<T>;
        if constexpr (printable_part<T>) {
            append_part(value);
        } else if constexpr (kind == wire_kind::enumeration) {
            append_part(static_cast<std::underlying_type_t<T>>(value));
        } else if constexpr (kind == wire_kind::named) {
            append(value.value);
        } else if constexpr (kind == wire_kind::tuple) {
            std::apply([&](const auto&... parts) { (append(parts), ...); }, value);
        } else if constexpr (kind == wire_kind::array) {
            for (const auto& one : value) append(one);
        } else if constexpr (kind == wire_kind::optional) {
            value ? append(*value) : append_part(std::string_view());
        } else if constexpr (kind == wire_kind::duration) {
            append_part(value.count());
        } else if constexpr (kind == wire_kind::object && writes_parts<T>) {
            save_parts(*this, value);
        } else {
            refuse_csv_value();
        }
    }

    using is_saving = std::true_type;
    using is_loading = std::false_type;
    template <class... T>
    csv_fields& operator()(const T&... fields) {
        (append(fields), ...);
        return *this;
    }
    template <class T>
    csv_fields& operator&(const T& field) {
        return (*this)(field);
    }
    template <class T>
    csv_fields& operator<<(const T& field) {
        return (*this)(field);
    }

  private:
    template <class T>
    static constexpr bool writes_parts =
        base_wrapper<T> || member_serializable<csv_fields, T> || free_serializable<csv_fields, T> ||
        member_saved<csv_fields, T> || free_saved<csv_fields, T>;

    template <class T>
    void append_part(const T& part) {
        if (fields_++ != 0) out_ += how_.delimiter;
        if constexpr (std::is_arithmetic_v<T>) {
            append_printed(out_, part);
        } else {
            append_csv_field(out_, part, how_);
        }
    }

    std::string& out_;
    const output_format& how_;
    std::size_t fields_ = 0;
};

}  // namespace sheaf::detail
