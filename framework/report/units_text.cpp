// Formatting of bytes, counts and durations.
#include "report/units_text.hpp"

#include <cstdio>
#include <iterator>

namespace sheaf::detail {
namespace {

template <class... Values>
std::string print(const char* format, Values... values) {
    char text[64];
    std::snprintf(text, sizeof text, format, values...);
    return text;
}

}  // namespace

std::string bytes_text(std::uint64_t bytes) {
    if (bytes < 1024) return print("%u B", static_cast<unsigned>(bytes));
    constexpr const char* units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    // What would be printed as 1024 is one of the next unit.
    for (; value >= 1023.5 && unit + 1 < std::size(units); value /= 1024) ++unit;
    return print(value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

std::string count_text(std::uint64_t count) {
    std::string text = std::to_string(count);
    for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
    return text;
}

std::string count_text(std::uint64_t count, const char* one) {
    return count_text(count) + " " + one + (count == 1 ? "" : "s");
}

std::string duration_text(std::chrono::milliseconds time) {
    const double seconds = static_cast<double>(time.count()) / 1000;
    if (seconds < 9.995) return print("%.2f s", seconds);
    if (seconds < 59.95) return print("%.1f s", seconds);
    const auto whole = static_cast<unsigned long long>(seconds + 0.5);
    if (whole < 3600) return print("%llu min %llu s", whole / 60, whole % 60);
    return print("%llu h %llu min", whole / 3600, whole % 3600 / 60);
}

}  // namespace sheaf::detail
