// Writing the keys and values that a job gives, in the format that the run wants. Not for users.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <sheaf/detail/csv_fields.hpp>
#include <sheaf/detail/output_format.hpp>
#include <sheaf/detail/printed.hpp>
#include <sheaf/detail/type_schema.hpp>
#include <sheaf/detail/typed_record.hpp>

namespace sheaf::detail {

/// Stands for a format step where the job has none.
struct default_format {};

/// How text is passed to formats, sinks and reducers; else the type itself.
template <class T>
using part_view = std::conditional_t<std::is_same_v<T, std::string>, std::string_view, T>;

/// Throws unit_refused, in words for the person who started the run: the keys and values have no text, or are not what the output
/// takes.
[[noreturn]] void refuse_text_output();
void check_output_schema(const std::string& expected, const std::string& given);

/// Appends one key and value to the output. `Format` is void(std::string&, key, const V&), or default_format; it counts for text only.
template <class K, class V, class Format = default_format>
class pair_format {
  public:
    /// Throws unit_refused when `how` is not for such keys and values. `how` must outlive this.
    pair_format(Format format, const output_format& how) : format_(std::move(format)), how_(how) {
        if (how.encoding == output_encoding::typed) check_output_schema(how.schema, schema());
        if (how.encoding == output_encoding::text && !has_text) refuse_text_output();
    }

    /// What the records are.
    [[nodiscard]] static std::string schema() { return type_schema<std::pair<K, V>>(); }
    /// Whether text is possible.
    static constexpr bool has_text =
        !std::is_same_v<Format, default_format> || (printable_part<part_view<K>> && printable_part<part_view<V>>);

    template <class Key, class Value>
    void operator()(std::string& out, const Key& key, const Value& value) {
        switch (how_.encoding) {
            case output_encoding::text: return append_text(out, key, value);
            case output_encoding::csv: return append_csv(out, key, value);
            case output_encoding::typed: return append_typed_record<K, V>(out, scratch_, key, value);
        }
    }

  private:
    template <class Key, class Value>
    void append_text(std::string& out, const Key& key, const Value& value) {
        if constexpr (!std::is_same_v<Format, default_format>) {
            format_(out, key, value);
        } else if constexpr (has_text) {
            append_tab_separated(out, key, value);
        }
    }
    template <class Key, class Value>
    void append_csv(std::string& out, const Key& key, const Value& value) const {
        csv_fields(out, how_)(key, value);
        out += '\n';
    }

    [[no_unique_address]] Format format_;
    const output_format& how_;
    std::string scratch_;
};

}  // namespace sheaf::detail
