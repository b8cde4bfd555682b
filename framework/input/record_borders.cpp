// The borders of lines, words, records of one size, and whole files.
#include "input/record_borders.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "input/csv_borders.hpp"
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {
namespace {

// Texts in which records begin where the file does and after separators. A separator is found forwards and backwards.
template <class Separator>
class separated_borders final : public record_borders {
  public:
    [[nodiscard]] std::uint64_t first_at(range_reader& in, std::uint64_t from, std::uint64_t limit) override {
        if (from == 0 || from >= limit) return std::min(from, limit);
        // Most records are short, and some have no end.
        std::size_t step = 4U << 10;
        for (std::uint64_t at = from - 1; at + 1 < limit; step = std::min(step * 4, step_max)) {
            window_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(step, limit - 1 - at)));
            const std::size_t got = in.read_at(at, window_);
            if (got == 0) break;  // it is shorter than it was
            const std::size_t found = Separator::find({window_.data(), got});
            if (found != std::string_view::npos) return at + found + 1;
            at += got;
        }
        return limit;
    }
    [[nodiscard]] std::size_t whole_records(std::string_view bytes, bool last) override {
        return last ? bytes.size() : Separator::rfind(bytes) + 1;
    }

  private:
    static constexpr std::size_t step_max = 1U << 20;
    std::vector<char> window_;
};

struct newline {
    static std::size_t find(std::string_view in) noexcept { return in.find('\n'); }
    static std::size_t rfind(std::string_view in) noexcept {
        const void* const found = in.empty() ? nullptr : ::memrchr(in.data(), '\n', in.size());
        return found == nullptr ? std::string_view::npos
                                : static_cast<std::size_t>(static_cast<const char*>(found) - in.data());
    }
};

// What for_each_word() takes for one.
struct blank {
    static bool is(char byte) noexcept { return static_cast<unsigned char>(byte) <= ' '; }
    static std::size_t find(std::string_view in) noexcept {
        const auto* const found = std::find_if(in.begin(), in.end(), is);
        return found == in.end() ? std::string_view::npos : static_cast<std::size_t>(found - in.begin());
    }
    static std::size_t rfind(std::string_view in) noexcept {
        for (std::size_t i = in.size(); i-- > 0;) {
            if (is(in[i])) return i;
        }
        return std::string_view::npos;
    }
};

class fixed_borders final : public record_borders {
  public:
    fixed_borders(std::uint64_t skip, std::uint64_t record_bytes, std::string name)
        : skip_(skip), record_bytes_(record_bytes), name_(std::move(name)) {
        if (record_bytes_ == 0) throw unit_refused("records of 0 bytes cannot be told from each other");
    }

    [[nodiscard]] std::uint64_t first_at(range_reader& in, std::uint64_t from, std::uint64_t limit) override {
        check_whole(in.size());
        if (from <= skip_) return std::min(skip_, limit);
        const std::uint64_t over = (from - skip_) % record_bytes_;
        const std::uint64_t up = over == 0 ? 0 : record_bytes_ - over;
        return up < limit - std::min(from, limit) ? from + up : limit;
    }
    [[nodiscard]] std::size_t preamble(std::string_view bytes, bool last) override {
        if (bytes.size() >= skip_) return static_cast<std::size_t>(skip_);
        if (last) refuse_end(0);
        return more;
    }
    [[nodiscard]] std::size_t whole_records(std::string_view bytes, bool last) override {
        const std::size_t rest = bytes.size() % record_bytes_;
        if (last && rest != 0) refuse_end(rest);
        return bytes.size() - rest;
    }

  private:
    void check_whole(std::uint64_t size) const {
        if (size < skip_) refuse_end(0);
        if ((size - skip_) % record_bytes_ != 0) refuse_end((size - skip_) % record_bytes_);
    }
    [[noreturn]] void refuse_end(std::uint64_t rest) const {
        throw unit_refused("'" + name_ + "' ends " +
                           (rest == 0
                                ? "before its first record"
                                : std::to_string(rest) + " bytes into a record of " + std::to_string(record_bytes_)) +
                           ". Is that the form of its records, and is the file whole?");
    }

    std::uint64_t skip_;
    std::uint64_t record_bytes_;
    std::string name_;
};

class one_record final : public record_borders {
  public:
    [[nodiscard]] std::uint64_t first_at(range_reader& /*in*/, std::uint64_t from, std::uint64_t limit) override {
        return from == 0 ? 0 : limit;
    }
    [[nodiscard]] std::size_t whole_records(std::string_view bytes, bool last) override {
        return last ? bytes.size() : 0;
    }
};

}  // namespace

std::unique_ptr<record_borders> borders_of(const input_format& how, const std::string& name) {
    switch (how.records) {
        case record_format::lines: return std::make_unique<separated_borders<newline>>();
        case record_format::words: return std::make_unique<separated_borders<blank>>();
        case record_format::csv: return std::make_unique<csv_borders>(how, name);
        case record_format::fixed: return std::make_unique<fixed_borders>(how.skip, how.record_bytes, name);
        case record_format::whole_files: return std::make_unique<one_record>();
        default: throw unit_refused("'" + name + "' is to be read in a way that this worker does not know");
    }
}

}  // namespace sheaf::detail
