// Word count: the words of many files, counted on many processes.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "top_words.hpp"
#include <sheaf/app.hpp>
#include <sheaf/command_line.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/run_report.hpp>
#include <sheaf/words.hpp>

// [job]
inline constexpr sheaf::map_reduce<"wordcount", std::string, std::uint64_t> count_words{};

void split_words(const sheaf::text_split& in, sheaf::emitter<std::string, std::uint64_t>& out) {
    sheaf::for_each_word(in.text(), [&](std::string_view word) { out.emit(word, 1); });
}
// [/job]

constexpr const char* about =
    "Counts the words (runs of bytes above the blank) of files, and of all files in directories.\n"
    "It runs on a local cluster of SHEAF_WORKERS processes (default: one per core), or, with SHEAF_SERVER=HOST:PORT, "
    "on the workers of that Gearman server.";

void print_top(const sheaf::map_reduce_report& report, std::size_t n) {
    top_words best(n);
    // [read]
    count_words.for_each_result(report, [&](std::string_view word, std::uint64_t count) { best.offer(word, count); });
    // [/read]
    for (const auto& [word, count] : std::move(best).sorted()) std::cout << word << '\t' << count << '\n';
}

int run(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    CLI::App reader(about, "wordcount");
    sheaf::map_reduce_options how;
    std::vector<std::string> inputs;
    std::string output;
    std::string report_directory;
    std::uint64_t top = 0;
    reader.footer("Exit status: 0 success, 1 failure, 2 usage, 130 interrupted.");
    reader.add_option("inputs", inputs, "Files, directories, and patterns such as 'logs/**/*.gz'.")
        ->required()
        ->type_name("FILE|DIR");
    reader
        .add_option("--output", output,
                    "The directory to make, with files of word<TAB>count lines, each sorted by word.")
        ->required()
        ->type_name("DIR")
        ->allow_extra_args(false);
    reader.add_option("--top", top, "Also print the N most frequent words.")
        ->check(CLI::Range(1U, 1'000'000'000U))
        ->type_name("N");
    reader.add_option("--report", report_directory, "Also write a report of the run there.")->type_name("DIR");
    sheaf::add_run_options(reader, how);
    if (const auto status = sheaf::parse_arguments(reader, arguments)) return *status;

    // [run]
    how.input = sheaf::text_files(inputs);
    how.output = output;
    const auto report = count_words.run(cluster, how);
    // [/run]
    if (top != 0) print_top(report, top);
    if (!report_directory.empty()) sheaf::write_report(report, report_directory);
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
