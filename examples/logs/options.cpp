// Reading the log analysis's command line, and explaining it.
#include "options.hpp"

#include <sheaf/command_line.hpp>

std::variant<options, int> read_options(std::span<const std::string> arguments) {
    CLI::App app("Finds sessions and the pages asked for most in web logs, which it makes itself.", "logs");
    options read;
    app.add_option("--days", read.days, "How many logs there are.")
        ->check(CLI::Range(1U, 10'000U))
        ->capture_default_str();
    app.add_option("--lines", read.lines, "How many lines each log has.")
        ->check(CLI::Range(0U, 10'000'000U))
        ->capture_default_str();
    app.add_option("--missing", read.missing, "How many logs are asked for that are not there.")
        ->check(CLI::Range(0U, 10'000U))
        ->capture_default_str();
    app.add_option("--top", read.top, "How many pages to list.")->capture_default_str();
    app.add_option("--seed", read.seed, "Decides what is in the logs.")->capture_default_str();
    app.add_flag("--draw", read.draw, "Print the pipeline for Graphviz, and do nothing else.");
    if (const auto status = sheaf::parse_arguments(app, arguments)) return *status;
    return read;
}
