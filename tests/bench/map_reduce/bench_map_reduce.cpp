// Each example beside a program written by hand with threads for the same job: wall clock, CPU and memory from command to output, as medians.
//
//   bench_map_reduce [SCALE [REPEATS [NAME...]]]
//
// SCALE 1 is 1 GiB of text, 10 million records of 100 bytes, 100,000 documents and 200 million readings; the default is a tenth of
// that. The inputs are made once, in SHEAF_BENCH_DIR (default: TMPDIR or /tmp), and kept. Needs eight times their size there.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <unistd.h>
#include <vector>

#include "by_hand.hpp"
#include "input_maker.hpp"
#include "timed_command.hpp"

namespace {

namespace fs = std::filesystem;
using sheaf::bench::command_cost;

constexpr std::size_t workers = 2;

struct workload {
    std::string name;
    std::string program;
    std::vector<std::string> options;
    std::function<void(const std::string& path, double scale)> make_input;
};

std::uint64_t scaled(double count, double scale) { return static_cast<std::uint64_t>(count * scale); }

std::vector<workload> all_workloads() {
    using namespace sheaf::bench;
    const auto text = [](const std::string& path, double scale) { make_text(path, scaled(1 << 30, scale)); };
    return {{"words", "wordcount", {}, text},
            {"grep", "grep", {"--pattern", needle}, text},
            {"sort", "recordsort", {}, [](const auto& path, double scale) { make_records(path, scaled(1e7, scale)); }},
            {"index",
             "invertedindex",
             {"--numbered"},
             [](const auto& path, double scale) { make_documents(path, scaled(1e5, scale)); }},
            {"readings", "readings", {"--memory", "64MiB"}, [](const auto& path, double scale) {
                 make_readings(path, scaled(2e8, scale));
             }}};
}

fs::path bench_directory() {
    for (const char* name : {"SHEAF_BENCH_DIR", "TMPDIR"}) {
        const char* const value = std::getenv(name);
        if (value != nullptr && *value != '\0') return value;
    }
    return "/tmp";
}

std::string input_of(const workload& what, double scale, const fs::path& directory) {
    // Workloads that read the same bytes share them.
    const std::string kind = what.name == "grep" ? "words" : what.name;
    const fs::path path = directory / ("sheaf-bench-" + kind + "-" + std::to_string(scale));
    if (!fs::exists(path)) {
        const fs::path making = path.string() + ".tmp";
        what.make_input(making.string(), scale);
        fs::rename(making, path);
    }
    return path.string();
}

command_cost median_of(std::size_t repeats, const std::function<command_cost()>& once) {
    std::vector<command_cost> seen;
    for (std::size_t i = 0; i < repeats; ++i) seen.push_back(once());
    std::ranges::sort(seen, {}, &command_cost::wall_seconds);
    return seen[seen.size() / 2];
}

void print(const char* who, const command_cost& cost) {
    std::printf("  %-10s %8.2f s wall %8.2f s CPU %8.0f MiB\n", who, cost.wall_seconds, cost.cpu_seconds,
                cost.peak_mib);
}

void measure(const workload& what, double scale, std::size_t repeats) {
    const fs::path directory = bench_directory();
    const std::string input = input_of(what, scale, directory);
    const fs::path output = directory / ("sheaf-bench-output-" + std::to_string(::getpid()));
    const std::string self = fs::read_symlink("/proc/self/exe").string();
    const std::string examples = fs::path(self).parent_path().parent_path() / "bin" / "examples";
    std::vector<std::string> ours{examples + "/" + what.program, "--output", output.string()};
    ours.insert(ours.end(), what.options.begin(), what.options.end());
    ours.push_back(input);
    const std::string count = std::to_string(workers);
    const command_cost by_hand = median_of(repeats, [&] {
        fs::remove_all(output);
        return sheaf::bench::run_timed({self, "--by-hand", what.name, count, input, output.string()});
    });
    const command_cost with_sheaf = median_of(repeats, [&] {
        fs::remove_all(output);
        return sheaf::bench::run_timed(
            ours, {"SHEAF_WORKERS=" + count, "SHEAF_SERVER=", "SHEAF_TMPDIR=" + directory.string()});
    });
    fs::remove_all(output);
    std::printf("%s, %.0f MiB\n", what.name.c_str(), static_cast<double>(fs::file_size(input)) / (1 << 20));
    print("by hand", by_hand);
    print("sheaf", with_sheaf);
    std::printf("  ratio      %8.2f        %8.2f\n", with_sheaf.wall_seconds / by_hand.wall_seconds,
                with_sheaf.cpu_seconds / by_hand.cpu_seconds);
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.size() == 5 && arguments[0] == "--by-hand") {
        return sheaf::bench::run_by_hand(arguments[1], std::stoul(arguments[2]), arguments[3], arguments[4]) ? 0 : 2;
    }
    const double scale = arguments.empty() ? 0.1 : std::stod(arguments[0]);
    const std::size_t repeats = arguments.size() < 2 ? 3 : std::max(1UL, std::stoul(arguments[1]));
    std::printf("%zu worker processes, beside as many threads; medians of %zu\n", workers, repeats);
    for (const workload& what : all_workloads()) {
        const bool wanted =
            arguments.size() <= 2 || std::find(arguments.begin() + 2, arguments.end(), what.name) != arguments.end();
        if (wanted) measure(what, scale, repeats);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + 1, argv + argc});
    } catch (const std::exception& why) {
        std::fprintf(stderr, "bench_map_reduce: %s\n", why.what());
        return 1;
    }
}
