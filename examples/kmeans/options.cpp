// Reading the clustering's command line, and explaining it.
#include "options.hpp"

#include <sheaf/command_line.hpp>

std::variant<options, int> read_options(std::span<const std::string> arguments) {
    CLI::App app("Finds clusters among points that worker processes make and keep, by k-means.", "kmeans");
    options read;
    app.add_option("--clusters", read.clusters, "How many to find.")
        ->check(CLI::Range(1U, 1000U))
        ->capture_default_str();
    app.add_option("--shards", read.shards, "How many shards of points there are.")
        ->check(CLI::Range(1U, 100'000U))
        ->capture_default_str();
    app.add_option("--points", read.points, "How many points each shard has.")
        ->check(CLI::Range(1U, 10'000'000U))
        ->capture_default_str();
    app.add_option("--seed", read.seed, "Decides where the points are, in a square whose side is a million.")
        ->capture_default_str();
    app.add_option("--tolerance", read.tolerance, "Stop when no centroid moves farther than this.")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--iterations", read.iterations, "Stop after so many in any case.")
        ->check(CLI::Range(1U, 1'000'000U))
        ->capture_default_str();
    if (const auto status = sheaf::parse_arguments(app, arguments)) return *status;
    return read;
}
