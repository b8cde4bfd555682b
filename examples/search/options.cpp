// Reading the search's command line, and explaining it.
#include "options.hpp"

#include <string>

#include <sheaf/command_line.hpp>

namespace {

constexpr const char* about =
    "Searches the made-up logs of ships for pages with the WORDs: storm, harbour, kraken and the like.";
constexpr std::int64_t longest_ms = 3'600'000;

}  // namespace

std::variant<options, int> read_options(std::span<const std::string> arguments) {
    CLI::App app(about, "search");
    options read;
    std::int64_t deadline_ms = read.deadline.count();
    std::int64_t hedge_ms = read.hedge.count();
    app.add_option("words", read.words, "What to look for.")->required()->type_name("WORD");
    app.add_option("--shards", read.shards, "How many shards to ask.")
        ->check(CLI::Range(1U, 10'000U))
        ->capture_default_str();
    app.add_option("--top", read.top, "How many pages to show.")->check(CLI::Range(1U, 1000U))->capture_default_str();
    app.add_option("--deadline", deadline_ms, "Milliseconds after which the answer is what has come.")
        ->check(CLI::Range(std::int64_t{1}, longest_ms))
        ->capture_default_str();
    app.add_option("--hedge", hedge_ms, "Milliseconds after which a shard is asked a second time, elsewhere; 0: never.")
        ->check(CLI::Range(std::int64_t{0}, longest_ms))
        ->capture_default_str();
    app.add_option("--hang", read.hang, "The shard whose first worker does not answer, to see what happens.")
        ->type_name("SHARD");
    app.final_callback([&read] {
        if (!read.hang || *read.hang < read.shards) return;
        throw CLI::ValidationError("--hang", "there is no shard " + std::to_string(*read.hang) + ": they are 0 to " +
                                                 std::to_string(read.shards - 1));
    });
    if (const auto status = sheaf::parse_arguments(app, arguments)) return *status;
    read.deadline = std::chrono::milliseconds(deadline_ms);
    read.hedge = std::chrono::milliseconds(hedge_ms);
    return read;
}
