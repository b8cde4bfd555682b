#include "input/csv_borders.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
// Most answers are near, and some are far.
constexpr std::size_t step_min = 4U << 10;
constexpr std::size_t step_max = 256U << 10;

// Follows the quotes from a place on, under one assumption of whether that is within quotes.
class assumption {
  public:
    explicit assumption(bool inside) noexcept : inside_(inside) {}

    [[nodiscard]] bool holds() const noexcept { return holds_; }
    // There is a quote between `before` and `after`.
    void meet(char before, char after, const csv_dialect& how) noexcept {
        const char neighbour = inside_ ? after : before;
        holds_ =
            holds_ && (neighbour == how.delimiter || neighbour == '\n' || neighbour == '\r' || neighbour == how.quote);
        inside_ = !inside_;
    }
    void meet_end() noexcept { holds_ = holds_ && !inside_; }

  private:
    bool inside_;
    bool holds_ = true;
};

}  // namespace

csv_borders::csv_borders(const input_format& how, std::string name)
    : dialect_(how), has_header_(how.header), name_(std::move(name)) {}

std::uint64_t csv_borders::first_at(range_reader& in, std::uint64_t from, std::uint64_t limit) {
    if (from >= limit) return limit;
    const std::uint64_t first = find_preamble(in);
    if (from <= first) return std::min(first, limit);
    const bool any_newline = dialect_.quote == '\0' || !dialect_.newlines_in_fields;
    for (std::uint64_t at = from - 1;;) {
        const std::uint64_t newline = find_newline(in, at, limit - 1);
        if (newline == limit - 1) return limit;
        if (any_newline) return newline + 1;
        const finding found = quoting_at(in, newline);
        if (found.state == quoting::outside) return newline + 1;
        at = std::max(newline + 1, found.goes_for_all_before);
    }
}

// The first newline in [from, limit), or `limit`.
std::uint64_t csv_borders::find_newline(range_reader& in, std::uint64_t from, std::uint64_t limit) {
    std::size_t step = step_min;
    for (std::uint64_t at = from; at < limit; step = std::min(4 * step, step_max)) {
        window_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(step, limit - at)));
        const std::size_t got = in.read_at(at, window_);
        if (got == 0) break;  // it is shorter than it was
        const std::size_t found = std::string_view(window_.data(), got).find('\n');
        if (found != std::string_view::npos) return at + found;
        at += got;
    }
    return limit;
}

// The header's end, from the file's beginning, which is read until it is there.
std::uint64_t csv_borders::find_preamble(range_reader& in) {
    std::vector<char> begin;
    for (std::size_t size = 4U << 10; !first_record_; size *= 4) {
        begin.resize(size);
        const std::size_t got = in.read_at(0, begin);
        (void)preamble({begin.data(), got}, got < size);
    }
    return *first_record_;
}

std::size_t csv_borders::preamble(std::string_view bytes, bool last) {
    if (bytes.size() < byte_order_mark.size() && !last) return more;
    std::size_t at = bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    if (has_header_) at += empty_lines(bytes.substr(at));
    if (has_header_ && at != bytes.size()) {
        try {
            const std::size_t size = read_csv_record(bytes.substr(at), dialect_, last, fields_, unquoted_);
            if (size == 0) return more;
            header_ = bytes.substr(at, size);
            at += size;
        } catch (const csv_fault& why) {
            refuse_csv(why, name_, at);
        }
    } else if (has_header_ && !last) {
        return more;
    }
    first_record_ = at;
    return at;
}

std::size_t csv_borders::whole_records(std::string_view bytes, bool last) {
    std::size_t at = 0;
    try {
        while (at < bytes.size()) {
            const std::size_t size = read_csv_record(bytes.substr(at), dialect_, last, fields_, unquoted_);
            if (size == 0) break;
            at += size;
        }
    } catch (const csv_fault&) {
        // Whoever maps the records before it should have them first; and then it is met again, with its place in the file.
        if (at == 0) return bytes.size();
    }
    return at;
}

// What the quotes from a place on say of it.
struct csv_borders::evidence {
    assumption outside{false};
    assumption inside{true};
    std::uint64_t first_quote = 0;  // 0: none has been met

    [[nodiscard]] bool is_open() const noexcept { return outside.holds() && inside.holds(); }

    // Looks at [1, size - 1) of a window whose second byte is at `offset`; what is around that is for quotes at its ends.
    void look(std::string_view window, std::uint64_t offset, const csv_dialect& how) noexcept {
        const char* const begin = window.data() + 1;
        const char* const end = window.data() + window.size() - 1;
        for (const char* at = begin; at < end && is_open(); ++at) {
            at = static_cast<const char*>(std::memchr(at, how.quote, static_cast<std::size_t>(end - at)));
            if (at == nullptr) return;
            if (first_quote == 0) first_quote = offset + static_cast<std::uint64_t>(at - begin);
            outside.meet(at[-1], at[1], how);
            inside.meet(at[-1], at[1], how);
        }
    }
    void look_at_end() noexcept {
        outside.meet_end();
        inside.meet_end();
    }
};

csv_borders::finding csv_borders::quoting_at(range_reader& in, std::uint64_t at) {
    if (at <= *first_record_) return {quoting::outside, 0};
    evidence found;
    // Not further than that, however it is read: the answer must depend on the file and the place alone.
    const std::uint64_t end = at + std::min(in.size() - at, dialect_.record_bytes_max);
    std::size_t step = step_min;
    for (std::uint64_t from = at; from < end && found.is_open(); step = std::min(4 * step, step_max)) {
        const auto looked_at = static_cast<std::size_t>(std::min<std::uint64_t>(step, end - from));
        window_.resize(looked_at + 2);
        const std::size_t got = in.read_at(from - 1, window_);
        if (got <= looked_at) break;                    // it is shorter than it was
        if (got < window_.size()) window_[got] = '\n';  // the end may follow a closing quote, too
        found.look({window_.data(), window_.size()}, from, dialect_);
        from += looked_at;
        if (from == in.size() && found.is_open()) found.look_at_end();
    }
    if (found.first_quote == 0 || !found.inside.holds()) return {quoting::outside, 0};
    if (found.outside.holds()) return {count_quotes(in, at), 0};
    // Whoever begins between here and the first quote meets the same quotes.
    return {quoting::inside, found.first_quote};
}

csv_borders::quoting csv_borders::count_quotes(range_reader& in, std::uint64_t at) {
    std::uint64_t quotes = 0;
    for (std::uint64_t from = 0; from < at;) {
        window_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(4 * step_max, at - from)));
        const std::size_t got = in.read_at(from, window_);
        if (got == 0) break;
        quotes += static_cast<std::uint64_t>(
            std::count(window_.begin(), window_.begin() + static_cast<std::ptrdiff_t>(got), dialect_.quote));
        from += got;
    }
    return quotes % 2 == 0 ? quoting::outside : quoting::inside;
}

}  // namespace sheaf::detail
