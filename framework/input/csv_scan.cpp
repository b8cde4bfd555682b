#include <algorithm>
#include <cstring>

#include <sheaf/detail/csv_scan.hpp>
#include <sheaf/detail/unit_refused.hpp>

#if defined(__SSE2__)
#include <bit>
#include <emmintrin.h>
#endif

namespace sheaf::detail {

namespace {

constexpr const char* stray_quote = "there is a quote in a field that does not begin with one";
constexpr const char* text_after_quote = "text follows a closing quote";
constexpr const char* torn_field = "a quoted field has a newline, which the input's options exclude";
constexpr const char* open_quote = "a quoted field has no end";
constexpr const char* too_long =
    "a record is longer than the input's options allow; is a quote missing before its end?";

// Fields without quotes: the first delimiter, newline or quote.
class plain_end {
  public:
    explicit plain_end(const csv_dialect& how) noexcept
        : delimiter_(how.delimiter), quote_(how.quote != '\0' ? how.quote : how.delimiter) {}

    [[nodiscard]] const char* find(const char* at, const char* end) const noexcept {
#if defined(__SSE2__)
        const __m128i delimiter = _mm_set1_epi8(delimiter_);
        const __m128i quote = _mm_set1_epi8(quote_);
        const __m128i newline = _mm_set1_epi8('\n');
        for (; end - at >= 16; at += 16) {
            const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
            const __m128i found =
                _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, delimiter), _mm_cmpeq_epi8(bytes, newline)),
                             _mm_cmpeq_epi8(bytes, quote));
            const auto bits = static_cast<unsigned>(_mm_movemask_epi8(found));
            if (bits != 0) return at + std::countr_zero(bits);
        }
#endif
        while (at != end && *at != delimiter_ && *at != '\n' && *at != quote_) ++at;
        return at;
    }

  private:
    char delimiter_;
    char quote_;
};

class record_reader {
  public:
    record_reader(std::string_view text, const csv_dialect& how, bool last, std::vector<csv_field>& fields,
                  std::string& unquoted)
        : begin_(text.data()),
          end_(text.data() + text.size()),
          how_(how),
          plain_(how),
          last_(last),
          fields_(fields),
          unquoted_(unquoted) {}

    [[nodiscard]] std::size_t read() {
        at_ = begin_;
        while (true) {
            const bool quoted = at_ != end_ && how_.quote != '\0' && *at_ == how_.quote;
            if (!(quoted ? read_quoted() : read_plain())) return 0;
            if (at_ == end_) break;
            if (*at_++ == '\n') break;  // else a delimiter
        }
        return static_cast<std::size_t>(at_ - begin_);
    }

  private:
    // These leave at_ at a delimiter, a newline or the end; false when the text ends too early.
    bool read_plain() {
        const char* const stop = plain_.find(at_, end_);
        if (stop == end_ && !last_) return false;
        if (stop != end_ && how_.quote != '\0' && *stop == how_.quote) throw csv_fault{offset(stop), stray_quote};
        const bool ends_line = stop == end_ || *stop == '\n';
        const char* const field_end = ends_line && stop != at_ && stop[-1] == '\r' ? stop - 1 : stop;
        fields_.push_back({at_, 0, static_cast<std::size_t>(field_end - at_)});
        at_ = stop;
        return true;
    }

    bool read_quoted() {
        const char* const first = ++at_;
        const std::size_t before = unquoted_.size();
        const char* from = first;  // what has not been copied
        bool doubled = false;
        const char* close = next_quote(first);
        for (; close != nullptr && close + 1 != end_ && close[1] == how_.quote; close = next_quote(from)) {
            unquoted_.append(from, close + 1);
            from = close + 2;
            doubled = true;
        }
        if (close == nullptr) return false;
        if (!how_.newlines_in_fields) check_line(first, close);
        if (doubled) {
            unquoted_.append(from, close);
            fields_.push_back({nullptr, before, unquoted_.size() - before});
        } else {
            fields_.push_back({first, 0, static_cast<std::size_t>(close - first)});
        }
        return end_quoted(close + 1);
    }

    // The next quote; null when there is none yet.
    const char* next_quote(const char* from) {
        const auto* const found =
            from == end_
                ? nullptr
                : static_cast<const char*>(std::memchr(from, how_.quote, static_cast<std::size_t>(end_ - from)));
        if (found == nullptr && last_) throw csv_fault{offset(at_ - 1), open_quote};
        // The next byte decides whether it is doubled.
        if (found != nullptr && found + 1 == end_ && !last_) return nullptr;
        return found;
    }

    void check_line(const char* first, const char* close) const {
        const auto* const newline =
            first == close ? nullptr : std::memchr(first, '\n', static_cast<std::size_t>(close - first));
        if (newline != nullptr) throw csv_fault{offset(static_cast<const char*>(newline)), torn_field};
    }

    bool end_quoted(const char* after) {
        if (after != end_ && *after == '\r' && (after + 1 == end_ || after[1] == '\n')) ++after;
        at_ = after;
        if (after == end_) return last_;
        if (*after != '\n' && *after != how_.delimiter) throw csv_fault{offset(after), text_after_quote};
        return true;
    }

    [[nodiscard]] std::size_t offset(const char* of) const noexcept { return static_cast<std::size_t>(of - begin_); }

    const char* begin_;
    const char* end_;
    const char* at_ = nullptr;
    const csv_dialect& how_;
    plain_end plain_;
    bool last_;
    std::vector<csv_field>& fields_;
    std::string& unquoted_;
};

}  // namespace

std::size_t read_csv_record(std::string_view text, const csv_dialect& how, bool last, std::vector<csv_field>& fields,
                            std::string& unquoted) {
    fields.clear();
    unquoted.clear();
    // Looking no further than a record may reach keeps a missing quote from making one of all that follows.
    const bool cut = text.size() > how.record_bytes_max;
    if (cut) text = text.substr(0, static_cast<std::size_t>(how.record_bytes_max));
    const std::size_t size = record_reader(text, how, last && !cut, fields, unquoted).read();
    if (size == 0 && cut) throw csv_fault{0, too_long};
    return size;
}

std::size_t empty_lines(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        if (text[at] == '\n') {
            ++at;
        } else if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') {
            at += 2;
        } else {
            break;
        }
    }
    return at;
}

void refuse_csv(const csv_fault& why, const std::string& path, std::uint64_t text_offset) {
    throw unit_refused(
        "'" + path + "' is not the CSV that the run takes it for: at byte " + std::to_string(text_offset + why.at) +
        ", " + why.what +
        ". Within quotes, a quote is doubled; if quotes mean nothing in these files, say so with .quote = '\\0'.");
}

}  // namespace sheaf::detail
