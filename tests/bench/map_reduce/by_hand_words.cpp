// Word count with threads: a table for each, which are then merged, a share of the words in each thread.
#include "by_hand.hpp"
#include "by_hand_tools.hpp"

namespace sheaf::bench {

void count_words_by_hand(std::size_t threads, const std::string& input, const std::string& output) {
    const whole_file file(input);
    const auto pieces = pieces_of(file.text(), threads);
    std::vector<word_table<std::uint64_t>> counted(threads);
    in_threads(threads, [&](std::size_t i) {
        for_each_blank_separated(pieces[i], [&](std::string_view word) { ++counted[i][word]; });
    });
    std::vector<std::string> texts(threads);
    in_threads(threads, [&](std::size_t share) {
        word_table<std::uint64_t> merged;
        for (auto& table : counted) {
            for (const auto& one : table.entries()) {
                if ((one.hash >> 40) % threads == share) merged.find(one.word, one.hash) += one.value;
            }
        }
        for (const auto& one : merged.entries()) {
            texts[share].append(one.word).append("\t").append(std::to_string(one.value)).append("\n");
        }
    });
    written_file out(output);
    for (const std::string& text : texts) out.put(text);
    out.flush();
}

}  // namespace sheaf::bench
