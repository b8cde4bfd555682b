// Reading the word count's command line, and explaining it.
#include "options.hpp"

#include <iostream>

#include <CLI/CLI.hpp>

namespace {

constexpr const char* about =
    "Counts the words (runs of bytes above the blank) of files, and of all files in directories.\n"
    "It runs on a local cluster of SHEAF_WORKERS processes (default: one per core), or, with SHEAF_SERVER=HOST:PORT, "
    "on "
    "the workers of that Gearman server.";
constexpr const char* exit_codes = "Exit status: 0 success, 1 failure, 2 usage, 130 interrupted.";
constexpr int exit_usage = 2;

void declare(CLI::App& app, options& read) {
    app.footer(exit_codes);
    app.add_option("inputs", read.inputs, "Files, and directories whose files are meant.")
        ->required()
        ->type_name("FILE|DIR");
    app.add_option("--output", read.output,
                   "The directory to make, with files of word<TAB>count lines, each sorted by word.")
        ->required()
        ->type_name("DIR")
        ->allow_extra_args(false);
    app.add_option("--top", read.top, "Also print the N most frequent words.")
        ->check(CLI::Range(1U, 1'000'000'000U))
        ->type_name("N");
    app.add_option("--partitions", read.partitions,
                   "How many output files (default: as many as keep the workers busy).")
        ->check(CLI::Range(1U, 65536U))
        ->type_name("N");
    app.add_option("--memory", read.memory,
                   "How much each worker may hold in memory; K, M and G are understood (default: an eighth of the "
                   "machine's memory, 256M at most).")
        ->transform(CLI::AsSizeValue(false))
        ->type_name("BYTES");
}

}  // namespace

std::variant<options, int> read_options(std::span<const std::string> arguments) {
    CLI::App app(about, "wordcount");
    options read;
    declare(app, read);
    std::vector<std::string> last_first(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
    try {
        app.parse(last_first);
    } catch (const CLI::ParseError& why) {
        return app.exit(why, std::cout, std::cerr) == 0 ? 0 : exit_usage;
    }
    return read;
}
