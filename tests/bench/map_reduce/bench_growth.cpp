// How time and memory grow with the input: word count and sort with far more data than memory, at three sizes, each four to ten times
// the one before. What counts is the time for each byte beside that of the size before, and the memory of all processes together.
//
//   bench_growth [--all] [words|sort]
//
// Word count at 0.1 and 1 GiB with 8 MiB for each of two workers, and sort of 5 and 20 million records of 100 bytes with 16 MiB in 16
// partitions, so that every partition is sorted on disk; --all adds 10 GiB and 80 million. The median of three runs, of the largest size
// one. Inputs are made once, in SHEAF_BENCH_DIR (default: TMPDIR or /tmp), and kept; the 10 GiB are ten names of one. --all needs 40 GB
// there. Outputs and segments are on the disk, too: on one that is slower than the processors it is the disk that is measured. Sorting
// writes three times its input, so a plain copy of the input is timed beside it: what grows for a copy, too, is the machine's doing.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "input_maker.hpp"
#include "timed_command.hpp"

namespace {

namespace fs = std::filesystem;
using sheaf::bench::command_cost;

struct step {
    std::string name;
    std::size_t repeats;
    std::function<void(const fs::path& at)> make_input;
};

struct growth {
    std::string name;
    std::string program;
    std::vector<std::string> options;
    std::vector<step> steps;
    bool writes_its_input = false;  ///< so that a copy tells what of the time is the disk's
};

fs::path bench_directory() {
    for (const char* name : {"SHEAF_BENCH_DIR", "TMPDIR"}) {
        const char* const value = std::getenv(name);
        if (value != nullptr && *value != '\0') return value;
    }
    return "/tmp";
}

// Made under another name first: one that is there is whole.
fs::path input_of(const growth& what, const step& one) {
    const fs::path path = bench_directory() / ("sheaf-growth-" + what.name + "-" + one.name);
    if (fs::exists(path)) return path;
    const fs::path making = path.string() + ".tmp";
    fs::remove_all(making);
    one.make_input(making);
    fs::rename(making, path);
    return path;
}

std::uint64_t bytes_in(const fs::path& input) {
    if (!fs::is_directory(input)) return fs::file_size(input);
    std::uint64_t sum = 0;
    for (const auto& one : fs::directory_iterator(input)) sum += one.file_size();
    return sum;
}

growth words(bool all) {
    using sheaf::bench::make_text;
    const auto text = [](double gib) {
        return [gib](const fs::path& at) { make_text(at, static_cast<std::uint64_t>(gib * (1 << 30))); };
    };
    growth what{"words", "wordcount", {"--memory", "8MiB"}, {{"0.1GiB", 3, text(0.1)}, {"1GiB", 3, text(1)}}};
    if (!all) return what;
    what.steps.push_back({"10GiB", 1, [](const fs::path& at) {
                              fs::create_directory(at);
                              make_text(at / "0", 1 << 30);
                              for (int i = 1; i < 10; ++i) fs::create_hard_link(at / "0", at / std::to_string(i));
                          }});
    return what;
}

growth sort(bool all) {
    const auto millions = [](unsigned count) {
        return [count](const fs::path& at) { sheaf::bench::make_records(at, std::uint64_t{count} * 1'000'000); };
    };
    growth what{"sort",
                "recordsort",
                {"--memory", "16MiB", "--partitions", "16"},
                {{"5M", 3, millions(5)}, {"20M", 3, millions(20)}},
                true};
    if (all) what.steps.push_back({"80M", 1, millions(80)});
    return what;
}

fs::path output_path() { return bench_directory() / "sheaf-growth-output"; }

double seconds_to_copy(const fs::path& input) {
    const command_cost cost = sheaf::bench::run_timed({"/bin/cp", input, output_path()});
    fs::remove_all(output_path());
    return cost.wall_seconds;
}

command_cost cost_of(const growth& what, const step& one, const fs::path& input) {
    const fs::path output = output_path();
    const fs::path self = fs::read_symlink("/proc/self/exe");
    std::vector<std::string> line{self.parent_path().parent_path() / "bin/examples" / what.program, "--output", output};
    line.insert(line.end(), what.options.begin(), what.options.end());
    line.push_back(input);
    std::vector<command_cost> seen;
    for (std::size_t i = 0; i < one.repeats; ++i) {
        fs::remove_all(output);
        seen.push_back(sheaf::bench::run_timed(
            line, {"SHEAF_WORKERS=2", "SHEAF_SERVER=", "SHEAF_TMPDIR=" + bench_directory().string()}));
    }
    fs::remove_all(output);
    std::ranges::sort(seen, {}, &command_cost::wall_seconds);
    return seen[seen.size() / 2];
}

/// What a byte of one input cost.
struct step_cost {
    double seconds = 0;
    double cpu_seconds = 0;
    double copy_seconds = 0;
};

void print_growth(double now, double before) {
    if (before != 0) {
        std::printf(" %10.2f", now / before);
    } else {
        std::printf(" %10s", "");
    }
}

void measure(const growth& what) {
    std::printf("%-6s %8s %9s %9s %10s %10s %10s %10s %9s\n", what.name.c_str(), "size", "wall", "CPU", "ns/byte",
                "ratio", "CPU ratio", "cp ratio", "peak");
    step_cost before;
    for (const step& one : what.steps) {
        const fs::path input = input_of(what, one);
        const auto bytes = static_cast<double>(bytes_in(input));
        const command_cost cost = cost_of(what, one, input);
        const double copied = what.writes_its_input ? seconds_to_copy(input) : 0;
        const step_cost now{cost.wall_seconds / bytes, cost.cpu_seconds / bytes, copied / bytes};
        std::printf("%-6s %8s %7.2f s %7.2f s %10.2f", "", one.name.c_str(), cost.wall_seconds, cost.cpu_seconds,
                    now.seconds * 1e9);
        print_growth(now.seconds, before.seconds);
        print_growth(now.cpu_seconds, before.cpu_seconds);
        print_growth(now.copy_seconds, before.copy_seconds);
        std::printf(" %5.0f MiB\n", cost.peak_mib);
        before = now;
    }
}

int run(const std::vector<std::string>& arguments) {
    const auto has = [&](const char* one) { return std::ranges::find(arguments, one) != arguments.end(); };
    const bool all = has("--all");
    if (!has("sort")) measure(words(all));
    if (!has("words")) measure(sort(all));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + 1, argv + argc});
    } catch (const std::exception& why) {
        std::fprintf(stderr, "bench_growth: %s\n", why.what());
        return 1;
    }
}
