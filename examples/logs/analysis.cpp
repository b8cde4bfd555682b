#include "analysis.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

namespace {

constexpr std::uint32_t longest_pause = 30 * 60;

std::string_view next_word(std::string_view& line) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    return word;
}

bool read_number(std::string_view text, std::uint32_t& to) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
    return error == std::errc() && end == text.data() + text.size();
}

bool read_time(std::string_view text, std::uint32_t& seconds) {
    std::uint32_t hour = 0;
    std::uint32_t minute = 0;
    std::uint32_t second = 0;
    const bool is_one = text.size() == 8 && text[2] == ':' && text[5] == ':' && read_number(text.substr(0, 2), hour) &&
                        read_number(text.substr(3, 2), minute) && read_number(text.substr(6, 2), second);
    seconds = (hour * 60 + minute) * 60 + second;
    return is_one;
}

std::optional<visit> parse_line(std::string_view line) {
    visit one;
    one.visitor = next_word(line);
    const bool has_time = read_time(next_word(line), one.seconds);
    one.page = next_word(line);
    if (!has_time || one.page.empty() || !read_number(line, one.status)) return std::nullopt;
    return one;
}

}  // namespace

std::vector<visit> parse_log(std::string_view text) {
    std::vector<visit> all;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (auto one = parse_line(line)) all.push_back(*std::move(one));
    }
    return all;
}

std::vector<visit> read_log(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw unreadable(path + ": " + std::strerror(errno));
    return parse_log(std::string(std::istreambuf_iterator<char>(file), {}));
}

std::vector<visit> answered(std::vector<visit> all) {
    std::erase_if(all, [](const visit& one) { return one.status >= 400; });
    return all;
}

sessions find_sessions(const std::vector<visit>& all) {
    struct open_session {
        std::uint32_t last = 0;
        std::uint64_t pages = 0;
    };
    std::map<std::string_view, open_session> open;
    sessions found;
    for (const visit& one : all) {
        open_session& of = open[one.visitor];
        if (of.pages == 0 || one.seconds - of.last > longest_pause) {
            of.pages = 0;
            ++found.count;
        }
        of.last = one.seconds;
        ++of.pages;
        ++found.pages;
        found.longest = std::max(found.longest, of.pages);
    }
    return found;
}

page_counts count_pages(const std::vector<visit>& all) {
    page_counts counts;
    for (const visit& one : all) ++counts[one.page];
    return counts;
}

std::vector<std::pair<std::string, std::uint64_t>> top(const page_counts& counts, std::size_t k) {
    std::vector<std::pair<std::string, std::uint64_t>> best(counts.begin(), counts.end());
    std::stable_sort(best.begin(), best.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    if (best.size() > k) best.resize(k);
    return best;
}
