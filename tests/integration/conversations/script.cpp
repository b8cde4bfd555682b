#include "script.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace sheaf::test {
namespace {

constexpr std::string_view only_ours = "only sheafd: ";

// Takes `start` off the front of `text`; false when it does not begin so.
bool take(std::string& text, std::string_view start) {
    if (!text.starts_with(start)) return false;
    text.erase(0, start.size());
    return true;
}

std::string trimmed(std::string text) {
    text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
    return text;
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream words(text);
    std::vector<std::string> all;
    for (std::string word; words >> word;) all.push_back(word);
    return all;
}

// What comes behind "NAME:".
void read_packet(step& made, std::string text) {
    const std::size_t blank = text.find(' ');
    made.packet = text.substr(0, blank);
    made.text = blank == std::string::npos ? "" : text.substr(blank + 1);
    if (made.packet == "leaves") made.what = step::kind::leaves;
    if (made.packet == "bytes") made.what = step::kind::bytes;
    if (made.packet != "RES") return;
    const std::string rest = made.text;
    read_packet(made, rest);
    made.what = step::kind::response;
}

bool read_answer(step& last, std::string text) {
    if (take(text, "gearmand:")) {
        if (!text.empty()) last.gearmand.push_back(trimmed(text));
    } else if (take(text, "sheafd:")) {
        if (!text.empty()) last.sheafd.push_back(trimmed(text));
    } else if (take(text, "why:")) {
        last.why = trimmed(text);
    } else {
        return false;
    }
    return true;
}

bool read_step(script& to, const std::string& text, int line_number) {
    const std::size_t end = text.find_first_of(":>");
    if (end == std::string::npos) return false;
    step made;
    made.line_number = line_number;
    made.peer = text.substr(0, end);
    const std::string rest = trimmed(text.substr(end + 1));
    if (text[end] == '>') {
        made.what = step::kind::line;
        made.text = rest;
    } else {
        read_packet(made, rest);
    }
    to.steps.push_back(std::move(made));
    return true;
}

bool read_line(std::vector<script>& scripts, std::string text, int line_number) {
    if (text.empty() || text.front() == '#') return true;
    if (take(text, "=== ")) {
        scripts.emplace_back();
        scripts.back().only_sheafd = take(text, only_ours);
        scripts.back().title = text;
        return true;
    }
    if (scripts.empty()) return false;
    script& current = scripts.back();
    if (take(text, "options:")) {
        current.options = words_of(text);
        return true;
    }
    if (text.front() != ' ') return read_step(current, text, line_number);
    return !current.steps.empty() && read_answer(current.steps.back(), trimmed(text));
}

}  // namespace

std::vector<script> read_scripts(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot read " + path);
    std::vector<script> scripts;
    int line_number = 0;
    for (std::string text; std::getline(file, text);) {
        if (!read_line(scripts, text, ++line_number)) {
            throw std::runtime_error(path + ':' + std::to_string(line_number) + ": \"" + text + '"');
        }
    }
    return scripts;
}

}  // namespace sheaf::test
