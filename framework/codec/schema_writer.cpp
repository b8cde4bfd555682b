#include <algorithm>
#include <cstdlib>
#include <cxxabi.h>
#include <memory>

#include <sheaf/detail/schema_writer.hpp>

namespace sheaf::detail {
namespace {

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string clean_name(std::string_view name) {
    std::string clean(name);
    for (char& c : clean) {
        if (!is_name_character(c)) c = '_';
    }
    return clean;
}

}  // namespace

void schema_writer::put_number(std::size_t value) { put(std::to_string(value)); }

void schema_writer::put_scalar(char kind, std::size_t width) {
    put(std::string_view(&kind, 1));
    put_number(width);
}

void schema_writer::put_unit(std::string_view prefix, std::intmax_t numerator, std::intmax_t denominator) {
    put(prefix);
    put(std::to_string(numerator) + "/" + std::to_string(denominator));
}

void schema_writer::begin_field(std::string_view name) {
    if (!open_.empty()) {
        if (open_.back().has_fields) put(",");
        open_.back().has_fields = true;
    }
    if (name.empty()) return;
    text += clean_name(name) + ":";
    if (names_count) shape += std::string(name) + ":";
}

bool schema_writer::begin_object(const void* tag) {
    const auto outer = std::find_if(open_.rbegin(), open_.rend(), [&](const auto& one) { return one.tag == tag; });
    if (outer != open_.rend()) {
        put("^");
        put_number(static_cast<std::size_t>(outer - open_.rbegin()) + 1);
        return false;
    }
    open_.push_back({.tag = tag});
    put("{");
    return true;
}

void schema_writer::end_object() {
    open_.pop_back();
    put("}");
}

describing_archive::describing_archive() : base(this) {}
describing_archive::~describing_archive() = default;

std::string short_type_name(const std::type_info& type) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> demangled(
        abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
    std::string_view name = demangled ? demangled.get() : type.name();
    name = name.substr(0, name.find('<'));
    if (const std::size_t colon = name.rfind(':'); colon != std::string_view::npos) name.remove_prefix(colon + 1);
    return clean_name(name);
}

std::uint64_t fnv1a64(std::string_view bytes) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : bytes) {
        hash ^= static_cast<unsigned char>(byte);
        hash *= 0x100000001b3U;
    }
    return hash;
}

}  // namespace sheaf::detail
