// Which programs there are, and the shortest of them.
#include "by_hand.hpp"

#include <map>

#include "by_hand_tools.hpp"
#include "input_maker.hpp"

namespace sheaf::bench {

void grep_by_hand(std::size_t threads, const std::string& input, const std::string& output) {
    const whole_file file(input);
    const auto pieces = pieces_of(file.text(), threads);
    std::vector<std::string> found(threads);
    in_threads(threads, [&](std::size_t i) {
        std::string_view left = pieces[i];
        const std::size_t needle_size = std::strlen(needle);
        while (!left.empty()) {
            const void* const hit = ::memmem(left.data(), left.size(), needle, needle_size);
            if (hit == nullptr) return;
            const auto at = static_cast<std::size_t>(static_cast<const char*>(hit) - left.data());
            const std::size_t before = left.rfind('\n', at);
            const std::size_t begin = before == left.npos ? 0 : before + 1;
            const std::size_t end = std::min(left.size(), left.find('\n', at));
            found[i].append(left.substr(begin, end - begin)).append("\n");
            left.remove_prefix(std::min(left.size(), end + 1));
        }
    });
    written_file out(output);
    for (const std::string& lines : found) out.put(lines);
    out.flush();
}

bool run_by_hand(const std::string& name, std::size_t threads, const std::string& input, const std::string& output) {
    using program = void (*)(std::size_t, const std::string&, const std::string&);
    static const std::map<std::string, program> programs{{"words", &count_words_by_hand},
                                                         {"grep", &grep_by_hand},
                                                         {"sort", &sort_by_hand},
                                                         {"index", &index_by_hand},
                                                         {"readings", &readings_by_hand}};
    const auto found = programs.find(name);
    if (found == programs.end()) return false;
    found->second(threads, input, output);
    return true;
}

}  // namespace sheaf::bench
