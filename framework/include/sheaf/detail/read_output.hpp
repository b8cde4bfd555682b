// The default format of a run's output, read back: key, tab, value. Not for users.
#pragma once

#include <charconv>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

#include <sheaf/detail/printed.hpp>
#include <sheaf/map_reduce_report.hpp>

namespace sheaf::detail {

/// Calls `take` with each line of the output, without its newline. Throws run_failed when a file cannot be read, and when
/// `take` says that a line is not what it should be.
void for_each_output_line(const map_reduce_report& report, const std::function<bool(std::string_view line)>& take);

/// What append_printed() made of a T. False when `text` is nothing of the kind.
template <printable_part T>
bool read_printed(std::string_view text, T& part) {
    if constexpr (std::is_same_v<T, bool>) {
        part = text == "1";
        return part || text == "0";
    } else if constexpr (std::is_arithmetic_v<T>) {
        const auto [end, why] = std::from_chars(text.data(), text.data() + text.size(), part);
        return why == std::errc{} && end == text.data() + text.size();
    } else {
        part = text;
        return true;
    }
}

/// Where the key of `line` ends: at the last tab when only the value is a number, else at the first.
template <class K, class V>
std::size_t find_tab(std::string_view line) {
    return std::is_arithmetic_v<V> && !std::is_arithmetic_v<K> ? line.rfind('\t') : line.find('\t');
}

/// Text is passed on as a view of the line.
template <class T>
using read_as = std::conditional_t<std::is_arithmetic_v<T>, T, std::string_view>;

template <class K, class V, class F>
void for_each_result(const map_reduce_report& report, F& f) {
    static_assert(printable_part<K> && printable_part<V>,
                  "sheaf::map_reduce: only keys and values that are text or numbers can be read back.");
    for_each_output_line(report, [&f](std::string_view line) {
        const std::size_t tab = find_tab<K, V>(line);
        read_as<K> key{};
        read_as<V> value{};
        if (tab == std::string_view::npos || !read_printed(line.substr(0, tab), key) ||
            !read_printed(line.substr(tab + 1), value)) {
            return false;
        }
        f(key, value);
        return true;
    });
}

}  // namespace sheaf::detail
