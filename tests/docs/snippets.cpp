#include "docs/snippets.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <stdexcept>

namespace sheaf::docs {
namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        parts.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

/// "name" or "/name" of a line that is nothing but a mark.
std::optional<std::string_view> mark_in(std::string_view line) {
    line = trimmed(line);
    for (const std::string_view begin : {"// [", "# ["}) {
        if (line.starts_with(begin) && line.ends_with(']')) {
            return line.substr(begin.size(), line.size() - begin.size() - 1);
        }
    }
    return std::nullopt;
}

/// The lines of the region `name`, without marks.
std::vector<std::string_view> region(const std::vector<std::string_view>& lines, std::string_view name) {
    std::vector<std::string_view> found;
    bool inside = false;
    bool seen = false;
    for (const std::string_view line : lines) {
        const auto mark = mark_in(line);
        if (!mark && inside) found.push_back(line);
        if (mark == name) inside = seen = true;
        if (mark && mark->starts_with('/') && mark->substr(1) == name) inside = false;
    }
    if (!seen) throw std::runtime_error("there is no region [" + std::string(name) + "]");
    if (inside) throw std::runtime_error("the region [" + std::string(name) + "] does not end");
    return found;
}

/// The lines as one text, without the indentation that all have, and without blank lines at either end.
std::string flush_left(std::vector<std::string_view> lines) {
    const auto is_blank = [](std::string_view line) { return trimmed(line).empty(); };
    lines.erase(lines.begin(), std::ranges::find_if_not(lines, is_blank));
    while (!lines.empty() && is_blank(lines.back())) lines.pop_back();

    auto indent = std::string_view::npos;
    for (const auto line : lines) indent = std::min(indent, line.find_first_not_of(blanks));
    std::string text;
    for (const auto line : lines) {
        if (!is_blank(line)) text += line.substr(indent);
        text += '\n';
    }
    return text;
}

constexpr std::string_view snippet_begin = "<!-- snippet: ";
constexpr std::string_view snippet_end = " -->";

/// PATH#NAMES of a line that marks a block.
std::optional<std::string_view> source_in(std::string_view line) {
    if (!line.starts_with(snippet_begin) || !line.ends_with(snippet_end)) return std::nullopt;
    return line.substr(snippet_begin.size(), line.size() - snippet_begin.size() - snippet_end.size());
}

bool is_fence(std::string_view line) { return line.starts_with("```"); }

bool is_cpp(std::string_view fence) {
    const auto language = trimmed(fence.substr(3));
    return language == "cpp" || language == "c++" || language == "cc" || language == "hpp";
}

/// Walks a document's lines and writes them out again.
class renewal {
  public:
    renewal(std::string_view document, const std::function<std::string(const std::string&)>& read)
        : lines_(split(document, '\n')), read_(read) {}

    renewed run() && {
        while (at_ < lines_.size()) {
            const std::string_view line = lines_[at_];
            if (const auto source = source_in(line)) {
                copy_line();
                marked_block(*source);
            } else if (is_fence(line)) {
                if (is_cpp(line)) complain("a block of C++ without the source it comes from");
                copy_block();
            } else {
                copy_line();
            }
        }
        return std::move(result_);
    }

  private:
    void marked_block(std::string_view source) {
        if (at_ == lines_.size() || !is_fence(lines_[at_])) {
            complain("no fenced block follows the mark");
            return;
        }
        try {
            const auto hash = std::min(source.find('#'), source.size());
            const std::string_view names = source.substr(std::min(hash + 1, source.size()));
            const std::string code = extract(read_(std::string(source.substr(0, hash))), names);
            copy_line();
            result_.text += code;
            while (at_ < lines_.size() && !is_fence(lines_[at_])) ++at_;
            if (at_ == lines_.size()) {
                complain("the block does not end");
            } else {
                copy_line();
            }
        } catch (const std::exception& why) {
            complain(std::string(source) + ": " + why.what());
            copy_block();
        }
    }

    void copy_block() {
        copy_line();
        while (at_ < lines_.size() && !is_fence(lines_[at_])) copy_line();
        if (at_ < lines_.size()) copy_line();
    }

    void copy_line() {
        result_.text += lines_[at_++];
        result_.text += '\n';
    }

    void complain(std::string what) {
        result_.complaints.push_back(std::to_string(std::min(at_ + 1, lines_.size())) + ": " + std::move(what));
    }

    std::vector<std::string_view> lines_;
    const std::function<std::string(const std::string&)>& read_;
    std::size_t at_ = 0;
    renewed result_;
};

}  // namespace

std::string extract(std::string_view source, std::string_view names) {
    const auto lines = split(source, '\n');
    if (names.empty()) {
        std::vector<std::string_view> all;
        std::ranges::copy_if(lines, std::back_inserter(all), [](std::string_view line) { return !mark_in(line); });
        return flush_left(std::move(all));
    }
    std::string text;
    for (const std::string_view name : split(names, ',')) {
        if (!text.empty()) text += "...\n";
        text += flush_left(region(lines, name));
    }
    return text;
}

renewed renew(std::string_view document, const std::function<std::string(const std::string& path)>& read) {
    return renewal(document, read).run();
}

}  // namespace sheaf::docs
