#include "cluster/last_lines.hpp"

#include <algorithm>

namespace sheaf::detail {
namespace {

// What there may be to show, with the newlines.
constexpr std::size_t kept = last_lines::bytes_max + last_lines::lines_max;

}  // namespace

void last_lines::add(std::string_view text) {
    if (text.size() > kept) {
        cut_ = true;
        end_ = text.substr(text.size() - kept);
        return;
    }
    end_ += text;
    if (end_.size() <= 2 * kept) return;
    cut_ = true;
    end_.erase(0, end_.size() - kept);
}

std::vector<std::string> last_lines::lines() const {
    std::string_view left = end_;
    if (left.ends_with('\n')) left.remove_suffix(1);
    std::vector<std::string> found;
    std::size_t bytes = 0;
    while (!left.empty() && found.size() < lines_max) {
        const auto before = left.rfind('\n');
        std::string_view line = before == std::string_view::npos ? left : left.substr(before + 1);
        const bool is_whole = !cut_ || before != std::string_view::npos;
        if (!found.empty() && (!is_whole || bytes + line.size() > bytes_max)) break;
        if (line.size() > bytes_max) line.remove_prefix(line.size() - bytes_max);
        bytes += line.size();
        found.emplace_back(line);
        left = left.substr(0, before == std::string_view::npos ? 0 : before);
    }
    std::ranges::reverse(found);
    return found;
}

}  // namespace sheaf::detail
