// Word count: the words of many files, counted on many processes.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "options.hpp"
#include "top_words.hpp"
#include <sheaf/app.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/words.hpp>

// [job]
inline constexpr sheaf::map_reduce<"wordcount", std::string, std::uint64_t> count_words{};

void split_words(const sheaf::text_split& in, sheaf::emitter<std::string, std::uint64_t>& out) {
    sheaf::for_each_word(in.text(), [&](std::string_view word) { out.emit(word, 1); });
}
// [/job]

void print_top(const sheaf::map_reduce_report& report, std::size_t n) {
    top_words best(n);
    // [read]
    count_words.for_each_result(report, [&](std::string_view word, std::uint64_t count) { best.offer(word, count); });
    // [/read]
    for (const auto& [word, count] : std::move(best).sorted()) std::cout << word << '\t' << count << '\n';
}

int run(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    const auto read = read_options(arguments);
    if (const int* status = std::get_if<int>(&read)) return *status;
    const options& how = std::get<options>(read);

    // [run]
    const auto report = count_words.run(cluster, {.input = sheaf::text_files(how.inputs),
                                                  .output = how.output,
                                                  .partitions = how.partitions,
                                                  .memory = how.memory});
    // [/run]
    if (how.top != 0) print_top(report, how.top);
    std::cerr << report;
    if (std::cout.flush()) return 0;
    std::cerr << "wordcount: cannot write the words to standard output; the counts are in " << report.output << '\n';
    return 1;
}

// [main]
int main(int argc, char** argv) {
    sheaf::app app("wordcount");
    app.bind(count_words, sheaf::map_with(split_words).combine_with(std::plus<>{}));
    return app.run(argc, argv, run);
}
// [/main]
