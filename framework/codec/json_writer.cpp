#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <type_traits>
#include <utility>

#include "codec/json_text.hpp"
#include <sheaf/detail/json_writer.hpp>

namespace sheaf {

encode_error::encode_error(const std::string& what) : std::invalid_argument("cannot write as JSON: " + what) {}

namespace detail {

void json_writer::fail(std::string_view why) const {
    std::string text;
    for (const level& one : levels_) {
        if (one.as == shape::array && one.count != 0) append_index_step(text, one.count - 1);
        if (one.as == shape::object && !one.key.empty()) append_key_step(text, one.key);
    }
    if (!text.empty()) text += ": ";
    throw encode_error(text += why);
}

void json_writer::begin_value() {
    if (levels_.empty()) return;
    level& in = levels_.back();
    if (in.as == shape::array && in.count++ != 0) out_ += ',';
}

void json_writer::raw(std::string_view value) {
    begin_value();
    out_ += value;
}

void json_writer::null() { raw("null"); }
void json_writer::boolean(bool value) { raw(value ? "true" : "false"); }

template <class T>
void json_writer::number(T value) {
    begin_value();
    if constexpr (std::is_floating_point_v<T>) {
        if (!std::isfinite(value)) fail(std::isnan(value) ? "JSON has no NaN" : "JSON has no infinity");
    }
    std::array<char, 32> digits{};
    const auto [end, fault] = std::to_chars(digits.begin(), digits.end(), value);
    out_.append(digits.begin(), end);
}

void json_writer::integer(std::int64_t value) { number(value); }
void json_writer::whole(std::uint64_t value) { number(value); }
void json_writer::real(double value) { number(value); }
void json_writer::real(float value) { number(value); }

void json_writer::quote(std::string_view value) {
    if (const std::size_t at = find_invalid_utf8(value); at != std::string_view::npos) {
        fail("the text is not UTF-8 (at its byte " + std::to_string(at) + "); send bytes as sheaf::bytes");
    }
    append_quoted(out_, value);
}

void json_writer::text(std::string_view value) {
    begin_value();
    quote(value);
}

void json_writer::bytes(const void* data, std::size_t size) {
    begin_value();
    out_ += '"';
    if (size != 0) append_base64(out_, {static_cast<const char*>(data), size});
    out_ += '"';
}

void json_writer::open(shape as, std::string_view bracket) {
    begin_value();
    out_ += bracket;
    levels_.push_back({.as = as, .names_begin = names_.size()});
}

void json_writer::open_array() { open(shape::array, "["); }
void json_writer::open_object() { open(shape::object, "{"); }
void json_writer::open_class() { open(shape::undecided, ""); }

json_writer::name_place json_writer::write_key(std::string_view key) {
    level& in = levels_.back();
    in.key.clear();
    if (in.count++ != 0) out_ += ',';
    const std::size_t begin = out_.size();
    quote(key);
    in.key.assign(key);
    const name_place written{begin, out_.size() - begin};
    out_ += ':';
    return written;
}

void json_writer::key(std::string_view key) { write_key(key); }

void json_writer::field(std::string_view name) {
    level& in = levels_.back();
    if (in.as == shape::undecided) {
        in.as = shape::object;
        out_ += '{';
    }
    if (in.as == shape::array) fail("a field with a name stands among elements without");
    const name_place added = write_key(name);
    const auto same = [&](const name_place& other) {
        return out_.compare(other.begin, other.size, out_, added.begin, added.size) == 0;
    };
    if (std::any_of(names_.begin() + static_cast<std::ptrdiff_t>(in.names_begin), names_.end(), same)) {
        fail("two fields of the class have this name");
    }
    names_.push_back(added);
}

void json_writer::unnamed_field() {
    level& in = levels_.back();
    if (in.as != shape::array) field("value" + std::to_string(in.unnamed++));
}

void json_writer::elements() {
    level& in = levels_.back();
    if (in.as != shape::undecided) fail("a class that counts elements must do so before anything else");
    in.as = shape::array;
    out_ += '[';
}

void json_writer::close() {
    const level& ended = levels_.back();
    if (ended.as == shape::undecided) out_ += '{';
    out_ += ended.as == shape::array ? ']' : '}';
    names_.resize(ended.names_begin);
    levels_.pop_back();
}

}  // namespace detail
}  // namespace sheaf
