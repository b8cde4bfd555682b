// Keys and values as text, as the default format of a run's output has them. Not for users.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace sheaf::detail {

/// What has a text that everybody agrees on.
template <class T>
concept printable_part = std::integral<T> || std::floating_point<T> || std::convertible_to<const T&, std::string_view>;

template <printable_part T>
void append_printed(std::string& out, const T& part) {
    if constexpr (std::convertible_to<const T&, std::string_view>) {
        out += std::string_view(part);
    } else if constexpr (std::same_as<T, bool>) {
        out += part ? '1' : '0';
    } else {
        char text[64];
        out.append(text, std::to_chars(text, text + sizeof text, part).ptr);
    }
}

/// A key for a person; empty when it has no text.
template <class Key>
[[nodiscard]] std::string key_text(const Key& key) {
    std::string text;
    if constexpr (printable_part<Key>) append_printed(text, key);
    return text;
}

/// The default format: key, tab, value, newline.
template <printable_part Key, printable_part V>
void append_tab_separated(std::string& out, const Key& key, const V& value) {
    append_printed(out, key);
    out += '\t';
    append_printed(out, value);
    out += '\n';
}

}  // namespace sheaf::detail
