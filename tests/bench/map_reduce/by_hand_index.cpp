// An inverted index with threads: lists for each piece of the documents, joined in the order of the pieces.
#include <charconv>

#include "by_hand.hpp"
#include "by_hand_tools.hpp"

namespace sheaf::bench {
namespace {

using document_lists = word_table<std::vector<std::uint32_t>>;

void add_line(std::string_view line, document_lists& to) {
    std::uint32_t document = 0;
    const char* const tab = std::from_chars(line.data(), line.data() + line.size(), document).ptr;
    for_each_blank_separated(line.substr(static_cast<std::size_t>(tab - line.data())), [&](std::string_view word) {
        auto& documents = to[word];
        if (documents.empty() || documents.back() != document) documents.push_back(document);
    });
}

void append_list(std::string& text, std::string_view word, const std::vector<std::uint32_t>& documents) {
    text.append(word);
    char separator = '\t';
    for (const std::uint32_t one : documents) {
        char digits[12];
        text += separator;
        text.append(digits, std::to_chars(digits, digits + sizeof digits, one).ptr);
        separator = ' ';
    }
    text += '\n';
}

}  // namespace

void index_by_hand(std::size_t threads, const std::string& input, const std::string& output) {
    const whole_file file(input);
    const auto pieces = pieces_of(file.text(), threads);
    std::vector<document_lists> found(threads);
    in_threads(threads, [&](std::size_t i) {
        for (std::string_view left = pieces[i]; !left.empty();) {
            const std::size_t end = std::min(left.size(), left.find('\n'));
            add_line(left.substr(0, end), found[i]);
            left.remove_prefix(std::min(left.size(), end + 1));
        }
    });
    std::vector<std::string> texts(threads);
    in_threads(threads, [&](std::size_t share) {
        document_lists merged;
        for (auto& lists : found) {
            for (auto& one : lists.entries()) {
                if ((one.hash >> 40) % threads != share) continue;
                auto& all = merged.find(one.word, one.hash);
                all.insert(all.end(), one.value.begin(), one.value.end());
            }
        }
        for (const auto& one : merged.entries()) append_list(texts[share], one.word, one.value);
    });
    written_file out(output);
    for (const std::string& text : texts) out.put(text);
    out.flush();
}

}  // namespace sheaf::bench
