#include "apps/sheafd_words.hpp"

#include <fstream>
#include <iterator>
#include <utility>

#include "sheaf/runtime/error.hpp"

namespace sheaf::apps {
namespace {

constexpr std::string_view config_option = "--config-file";
constexpr std::string_view blanks = " \t\r\n";

std::string content_of(const std::string& path) {
    std::ifstream file(path);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (file.bad() || !file.is_open()) {
        throw runtime_failure({errc::io_error, "the configuration file " + path +
                                                   " cannot be read. Name one that is there, or leave out " +
                                                   std::string(config_option) + "."});
    }
    return text;
}

std::vector<std::string> without_empty_values(const std::vector<std::string>& arguments) {
    std::vector<std::string> kept;
    for (const std::string& word : arguments) {
        const bool is_option = word.starts_with("-");
        if (is_option && word.starts_with("--") && word.ends_with("=")) continue;
        if (word.empty() && !kept.empty() && kept.back().starts_with("-")) {
            kept.pop_back();
        } else {
            kept.push_back(word);
        }
    }
    return kept;
}

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    char quote = '\0';
    bool in_word = false;
    bool in_comment = false;
    bool line_starts = true;
    for (const char c : text) {
        const bool is_blank = blanks.find(c) != std::string_view::npos;
        if (in_comment) {
            in_comment = c != '\n';
        } else if (quote != '\0') {
            c == quote ? void(quote = '\0') : word.push_back(c);
        } else if (is_blank) {
            if (std::exchange(in_word, false)) words.push_back(std::exchange(word, {}));
        } else if (c == '#' && line_starts) {
            in_comment = true;
        } else {
            in_word = true;
            c == '"' || c == '\'' ? void(quote = c) : word.push_back(c);
        }
        line_starts = c == '\n' || (line_starts && is_blank);
    }
    if (in_word) words.push_back(std::move(word));
    return words;
}

std::vector<std::string> settle_words(std::vector<std::string> arguments) {
    std::vector<std::string> from_files;
    std::vector<std::string> own;
    const std::vector<std::string> given = without_empty_values(arguments);
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string_view word = given[i];
        std::string path;
        if (word == config_option && i + 1 < given.size()) {
            path = given[++i];
        } else if (word.starts_with(config_option) && word.substr(config_option.size()).starts_with("=")) {
            path = word.substr(config_option.size() + 1);
        } else {
            own.emplace_back(word);
            continue;
        }
        for (std::string& further : split_words(content_of(path))) from_files.push_back(std::move(further));
    }
    std::vector<std::string> all = without_empty_values(from_files);
    all.insert(all.end(), own.begin(), own.end());
    return all;
}

}  // namespace sheaf::apps
