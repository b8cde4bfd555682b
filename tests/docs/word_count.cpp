// The program at the top of the README.
// [program]
#include <cstdint>
#include <functional>
#include <iostream>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>
#include <sheaf/words.hpp>

inline constexpr sheaf::map_reduce<"wordcount", std::string, std::uint64_t> count_words{};  // its name, keys and values

void split_words(const sheaf::text_split& in, sheaf::emitter<std::string, std::uint64_t>& out) {
    sheaf::for_each_word(in.text(), [&](std::string_view word) { out.emit(word, 1); });
}

int main(int argc, char** argv) {
    sheaf::app app{"wordcount"};
    app.bind(count_words, sheaf::map_with(split_words).combine_with(std::plus<>{}));  // what workers run
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> files) {
        std::cout << count_words.run(cluster,
                                     {.input = sheaf::text_files({files.begin(), files.end()}), .output = "counts"});
        return 0;  // the counts are in counts/part-00000 and its siblings
    });
}
// [/program]
