#include "broker/calendar.hpp"

#include <bitset>

#include "base/parse_number.hpp"

namespace sheaf::broker {
namespace {

// Leap days fall on each weekday within 40 years, the years around 2100 included.
constexpr int days_ahead_max = 366 * 40;

// The numbers that a field allows.
struct number_set {
    std::bitset<64> members;
    bool any = true;  ///< the field says nothing

    [[nodiscard]] bool has(unsigned number) const { return members[number]; }
};

struct bounds {
    unsigned first;
    unsigned last;
};

// "5", "1-5" or "*", what comes before a step.
std::optional<bounds> parse_range(std::string_view text, bounds all) {
    if (text == "*") return all;
    const std::size_t dash = text.find('-');
    const auto first = parse_number<unsigned>(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_number<unsigned>(text.substr(dash + 1));
    if (!first || !last || *first < all.first || *last > all.last || *first > *last) return std::nullopt;
    return bounds{*first, *last};
}

bool add_part(number_set& set, std::string_view part, bounds all) {
    const std::size_t slash = part.find('/');
    const auto range = parse_range(part.substr(0, slash), all);
    const auto step = slash == std::string_view::npos ? 1U : parse_number<unsigned>(part.substr(slash + 1));
    if (!range || !step || *step == 0) return false;
    // Not by adding the step until it is too large: it may be large enough for the sum to overflow.
    for (unsigned n = range->first; n <= range->last; ++n) {
        if ((n - range->first) % *step == 0) set.members.set(n);
    }
    return true;
}

std::optional<number_set> parse_field(std::string_view text, bounds all) {
    if (text.empty()) text = "*";
    number_set set;
    set.any = text == "*";
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        if (!add_part(set, text.substr(at, comma - at), all)) return std::nullopt;
        at = comma + 1;
    }
    return set;
}

struct calendar {
    number_set minute, hour, day, month, weekday;

    [[nodiscard]] bool has_date(std::chrono::sys_days date) const {
        const std::chrono::year_month_day parts{date};
        if (!month.has(static_cast<unsigned>(parts.month()))) return false;
        const bool day_fits = day.has(static_cast<unsigned>(parts.day()));
        const bool weekday_fits = weekday.has(std::chrono::weekday{date}.iso_encoding() - 1);
        return day.any || weekday.any ? day_fits && weekday_fits : day_fits || weekday_fits;
    }
    /// The first minute of a day that has this date, from `from` on; empty if there is none.
    [[nodiscard]] std::optional<std::chrono::minutes> first_minute(std::chrono::minutes from) const {
        for (int at = static_cast<int>(from.count()); at < 24 * 60; ++at) {
            if (hour.has(static_cast<unsigned>(at / 60)) && minute.has(static_cast<unsigned>(at % 60))) {
                return std::chrono::minutes{at};
            }
        }
        return std::nullopt;
    }
};

std::optional<calendar> parse(const calendar_fields& fields) {
    const auto minute = parse_field(fields.minute, {0, 59});
    const auto hour = parse_field(fields.hour, {0, 23});
    const auto day = parse_field(fields.day, {1, 31});
    const auto month = parse_field(fields.month, {1, 12});
    const auto weekday = parse_field(fields.weekday, {0, 6});
    if (!minute || !hour || !day || !month || !weekday) return std::nullopt;
    return calendar{*minute, *hour, *day, *month, *weekday};
}

}  // namespace

std::optional<wall_time> next_time(const calendar_fields& fields, wall_time now) {
    const auto when = parse(fields);
    if (!when) return std::nullopt;
    const auto start = std::chrono::ceil<std::chrono::minutes>(now);
    auto date = std::chrono::floor<std::chrono::days>(start);
    std::chrono::minutes from = start - date;
    for (int i = 0; i < days_ahead_max; ++i, date += std::chrono::days{1}, from = {}) {
        if (!when->has_date(date)) continue;
        if (const auto minute = when->first_minute(from)) return date + *minute;
    }
    return std::nullopt;
}

}  // namespace sheaf::broker
