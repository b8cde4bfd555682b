#include "input/path_pattern.hpp"

#include <algorithm>
#include <string>
#include <system_error>

namespace sheaf::detail {

namespace fs = std::filesystem;

namespace {

// The place after the bracket expression at `at`, or npos when it has no end; `fits` says whether `byte` is in it.
std::size_t end_of_bracket(std::string_view pattern, std::size_t at, char byte, bool& fits) noexcept {
    std::size_t i = at + 1;
    const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
    if (negated) ++i;
    fits = false;
    for (const std::size_t first = i; i < pattern.size(); ++i) {
        if (pattern[i] == ']' && i != first) {
            fits = fits != negated;
            return i + 1;
        }
        const auto low = static_cast<unsigned char>(pattern[i]);
        const bool range = i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']';
        const auto high = range ? static_cast<unsigned char>(pattern[i + 2]) : low;
        const auto it = static_cast<unsigned char>(byte);
        fits |= low <= it && it <= high;
        if (range) i += 2;
    }
    return std::string_view::npos;
}

// Whether the one byte fits what the pattern has at `at`; moves `at` behind that.
bool fits_one(char byte, std::string_view pattern, std::size_t& at) noexcept {
    if (pattern[at] == '?') return ++at, true;
    if (pattern[at] == '[') {
        bool fits = false;
        const std::size_t end = end_of_bracket(pattern, at, byte, fits);
        if (end != std::string_view::npos) return at = end, fits;
    }
    if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
    return pattern[at++] == byte;
}

class finder {
  public:
    explicit finder(std::vector<fs::path>& into) : into_(into) {}

    // Adds what fits the names [at, end) of a pattern below `directory`.
    void visit(const fs::path& directory, fs::path::const_iterator at, fs::path::const_iterator end) {
        if (at == end) {
            into_.push_back(directory);
            return;
        }
        const std::string& name = at->native();
        const auto rest = std::next(at);
        if (name == "**") {
            visit(directory, rest, end);
            for (const fs::directory_entry& entry : entries_of(directory)) {
                std::error_code ignored;
                const bool hidden = entry.path().filename().native().starts_with('.');
                if (!hidden && entry.symlink_status(ignored).type() == fs::file_type::directory) {
                    visit(entry.path(), at, end);
                }
            }
        } else if (!is_pattern(name)) {
            std::error_code ignored;
            if (fs::exists(directory / *at, ignored)) visit(directory / *at, rest, end);
        } else {
            for (const fs::directory_entry& entry : entries_of(directory)) {
                if (fits(entry.path().filename().native(), name)) visit(entry.path(), rest, end);
            }
        }
    }

    [[nodiscard]] int trouble() const noexcept { return trouble_; }

  private:
    std::vector<fs::directory_entry> entries_of(const fs::path& directory) {
        std::vector<fs::directory_entry> entries;
        std::error_code why;
        if (!fs::is_directory(directory, why)) return entries;
        for (fs::directory_iterator one(directory, why), end; !why && one != end; one.increment(why)) {
            entries.push_back(*one);
        }
        if (why) trouble_ = why.value();
        return entries;
    }

    std::vector<fs::path>& into_;
    int trouble_ = 0;
};

}  // namespace

bool is_pattern(std::string_view path) noexcept { return path.find_first_of("*?[") != std::string_view::npos; }

bool fits(std::string_view name, std::string_view pattern) noexcept {
    if (name.starts_with('.') && !pattern.starts_with('.') && !pattern.starts_with("\\.")) return false;
    std::size_t n = 0;
    std::size_t p = 0;
    // Where to go on when the rest does not fit: the last star, and one byte more for it.
    std::size_t star = std::string_view::npos;
    std::size_t taken = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = ++p;
            taken = n;
            continue;
        }
        if (p < pattern.size() && fits_one(name[n], pattern, p)) {
            ++n;
            continue;
        }
        if (star == std::string_view::npos) return false;
        p = star;
        n = ++taken;
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

int find_fitting(const fs::path& pattern, std::vector<fs::path>& into) {
    const std::size_t before = into.size();
    finder found(into);
    const fs::path relative = pattern.relative_path();
    found.visit(pattern.root_path(), relative.begin(), relative.end());
    // Several stars may reach one path in several ways.
    const auto first = into.begin() + static_cast<std::ptrdiff_t>(before);
    std::sort(first, into.end());
    into.erase(std::unique(first, into.end()), into.end());
    return found.trouble();
}

}  // namespace sheaf::detail
