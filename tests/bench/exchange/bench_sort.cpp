// What sorting 100-byte records by their first 10 bytes costs in map/reduce's data plane: map and reduce attempts in some processes,
// without any server.
//
//   bench_sort FILE DIRECTORY [WORKERS [PARTITIONS [BUDGET_MIB [SPLIT_MIB [pack]]]]]
//
// DIRECTORY gets the segment files, and then the sorted parts, part-00000 and so on. Beside it: sort_tbb WORKERS FILE OUTPUT.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <sheaf/detail/map_attempt.hpp>
#include <sheaf/detail/output_file.hpp>
#include <sheaf/detail/reduce_attempt.hpp>
#include <sheaf/fixed_split.hpp>

namespace {

namespace fs = std::filesystem;
using namespace sheaf::detail;

constexpr std::size_t record_bytes = 100;
constexpr std::size_t key_size = 10;

struct settings {
    std::string file;
    fs::path directory;
    unsigned workers = 2;
    std::uint32_t partitions = 16;
    std::uint64_t budget_mib = 256;
    std::uint64_t split_mib = 32;
    bool pack = false;
};

std::string segment_name(std::uint32_t split) { return "segment-" + std::to_string(split); }

std::vector<std::string> boundaries_for(const settings& how) {
    // The keys of the generator are random bytes.
    std::vector<std::string> boundaries;
    for (std::uint32_t i = 1; i < how.partitions; ++i) {
        const std::uint64_t first = (std::uint64_t{i} << 32) / how.partitions;
        boundaries.push_back(key_bytes<std::uint32_t>(static_cast<std::uint32_t>(first)));
    }
    return boundaries;
}

void map_one(const settings& how, std::uint32_t split) {
    const std::uint64_t size = fs::file_size(how.file);
    const std::uint64_t length = (how.split_mib << 20) / record_bytes * record_bytes;
    const std::uint64_t offset = split * length;
    input_format format;
    format.records = record_format::fixed;
    format.record_bytes = record_bytes;
    map_assignment what;
    what.run_directory = how.directory;
    what.run_nonce = "bench";
    what.index = split;
    what.partitions = how.partitions;
    what.memory_budget = how.budget_mib << 20;
    what.pieces.push_back({how.file, offset, std::min(length, size - offset), size});
    what.formats = {format};
    what.boundaries = boundaries_for(how);
    what.compress = how.pack;
    const auto made =
        map_records<std::string, std::string>(what, shuffle<keep_all, sheaf::by_range_t>{}, [&](auto& out) {
            const auto take = [&](const sheaf::fixed_split& in) {
                for (const std::string_view record : in.records())
                    out.emit(record.substr(0, key_size), record.substr(key_size));
            };
            return for_each_split<sheaf::fixed_split>(what, {}, take).bytes;
        });
    fs::rename(how.directory / made.file, how.directory / segment_name(split));
}

void reduce_one(const settings& how, const std::vector<std::string>& files, std::uint32_t partition) {
    reduce_assignment what;
    what.run_directory = how.directory;
    what.run_nonce = "bench";
    what.partition = partition;
    what.partitions = how.partitions;
    what.memory_budget = how.budget_mib << 20;
    what.files = files;
    what.output_directory = how.directory;
    output_file out(how.directory, reduce_output_name(what));
    (void)reduce_grouped<std::string, std::string>(what, no_order{}, [&](std::string_view key, auto& values) {
        for (const std::string& value : values) {
            out.text().append(key).append(value);
            out.written();
        }
    });
    char name[32];
    std::snprintf(name, sizeof name, "part-%05u", partition);
    fs::rename(how.directory / out.commit(), how.directory / name);
}

// Runs step(unit) for each unit, in `workers` processes, and says what it took.
void measure(const char* name, unsigned workers, std::uint32_t units, const std::function<void(std::uint32_t)>& step) {
    const auto start = std::chrono::steady_clock::now();
    std::vector<pid_t> children;
    for (unsigned worker = 0; worker < workers; ++worker) {
        const pid_t child = ::fork();
        if (child == 0) {
            for (std::uint32_t unit = worker; unit < units; unit += workers) step(unit);
            ::_exit(0);
        }
        children.push_back(child);
    }
    double cpu = 0;
    long peak = 0;
    for (const pid_t child : children) {
        int status = 0;
        rusage usage{};
        ::wait4(child, &status, 0, &usage);
        if (status != 0) std::exit(1);
        cpu += static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
        peak = std::max(peak, usage.ru_maxrss);
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    std::printf("%-7s %6.2f s wall  %6.2f s CPU  peak RSS %ld MiB\n", name, wall.count(), cpu, peak / 1024);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    settings how{.file = argv[1], .directory = argv[2]};
    if (argc > 3) how.workers = static_cast<unsigned>(std::strtoul(argv[3], nullptr, 10));
    if (argc > 4) how.partitions = static_cast<std::uint32_t>(std::strtoul(argv[4], nullptr, 10));
    if (argc > 5) how.budget_mib = std::strtoull(argv[5], nullptr, 10);
    if (argc > 6) how.split_mib = std::strtoull(argv[6], nullptr, 10);
    if (argc > 7) how.pack = std::string_view(argv[7]) == "pack";
    fs::create_directories(how.directory);
    std::ofstream(how.directory / "nonce") << "bench";
    const std::uint64_t split = (how.split_mib << 20) / record_bytes * record_bytes;
    const auto splits = static_cast<std::uint32_t>((fs::file_size(how.file) + split - 1) / split);
    std::vector<std::string> files;
    for (std::uint32_t i = 0; i < splits; ++i) files.push_back(segment_name(i));
    measure("map", how.workers, splits, [&](std::uint32_t i) { map_one(how, i); });
    std::uint64_t bytes = 0;
    for (const std::string& name : files) bytes += fs::file_size(how.directory / name);
    std::printf("%llu bytes of segments\n", static_cast<unsigned long long>(bytes));
    measure("reduce", how.workers, how.partitions, [&](std::uint32_t i) { reduce_one(how, files, i); });
    for (const std::string& name : files) fs::remove(how.directory / name);
}
