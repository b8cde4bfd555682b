// What of writing keys and values needs no templates.
#include <sheaf/detail/csv_fields.hpp>
#include <sheaf/detail/pair_format.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {

void append_csv_field(std::string& out, std::string_view text, const output_format& how) {
    const char special[] = {how.delimiter, how.quote != '\0' ? how.quote : '\n', '\n', '\r'};
    if (text.find_first_of(std::string_view(special, sizeof special)) == std::string_view::npos) {
        out += text;
        return;
    }
    if (how.quote == '\0') {
        throw unit_refused("the field '" + std::string(text.substr(0, 60)) +
                           "' has a delimiter or a line's end in it, and the CSV output has no quotes: give "
                           "csv_output_options a quote or another delimiter");
    }
    out += how.quote;
    for (const char one : text) {
        if (one == how.quote) out += one;
        out += one;
    }
    out += how.quote;
}

std::string csv_head(const output_format& how) {
    std::string head;
    if (how.columns.empty()) return head;
    csv_fields fields(head, how);
    for (const std::string& name : how.columns) fields.append(name);
    head += '\n';
    return head;
}

void refuse_csv_value() {
    throw unit_refused(
        "the job's keys or values hold lists, maps or the like, which are no fields of CSV: use typed_parts(), or "
        "text_parts() "
        "and a format_with() step");
}

void refuse_text_output() {
    throw unit_refused(
        "the job's keys or values are neither text nor numbers, and so have no text of their own: give the job a "
        "format_with() "
        "step, or write csv_parts() or typed_parts()");
}

void check_output_schema(const std::string& expected, const std::string& given) {
    if (expected.empty() || expected == given) return;
    throw unit_refused("the job gives keys and values of " + given + ", but the output takes " + expected +
                       ": the types in into() or to_sink() must be those that the job gives");
}

}  // namespace sheaf::detail
