// What map/reduce's data plane costs, without any server: word count by map and reduce attempts in one thread.
//
//   bench_combine [FILE [SPLIT_MIB [PARTITIONS [BUDGET_MIB [gather]]]]]
//
// Without FILE it makes a text of 64 MiB, with words that are as unevenly frequent as those of a language. "gather" leaves out
// the combiner and sums in the reducer. The sums on the last line do not depend on the order of the output.

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include <sheaf/detail/map_attempt.hpp>
#include <sheaf/detail/output_file.hpp>
#include <sheaf/detail/reduce_attempt.hpp>
#include <sheaf/text_split.hpp>
#include <sheaf/words.hpp>

namespace {

namespace fs = std::filesystem;
using sheaf::detail::map_assignment;
using sheaf::detail::reduce_assignment;
using adding = sheaf::detail::combine_by<std::plus<>>;

struct settings {
    std::string file;
    std::uint64_t split_mib = 64;
    std::uint32_t partitions = 16;
    std::uint64_t budget_mib = 128;
    bool gather = false;
};

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t kib_of(std::string_view field) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(field)) return std::strtoull(line.c_str() + field.size() + 1, nullptr, 10);
    }
    return 0;
}

// Runs `step` and says what it took.
void measure(const char* name, const std::function<void()>& step) {
    const double before = cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    step();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    std::printf("%-8s %6.2f s CPU  %6.2f s wall  anonymous %llu MiB\n", name, cpu_seconds() - before, wall.count(),
                static_cast<unsigned long long>(kib_of("RssAnon:") / 1024));
}

// A directory that goes with the object.
class scratch_directory {
  public:
    scratch_directory() : path_(fs::temp_directory_path() / ("bench_combine." + std::to_string(::getpid()))) {
        fs::create_directories(path_ / "out");
        std::ofstream(path_ / "nonce") << "bench";
    }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;
    ~scratch_directory() { fs::remove_all(path_); }
    [[nodiscard]] const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

std::string make_text(const fs::path& where) {
    std::mt19937_64 random(1);
    std::exponential_distribution<double> rank(1.0);
    std::ofstream out(where);
    std::string line;
    for (std::uint64_t bytes = 0; bytes < (std::uint64_t{64} << 20); bytes += line.size()) {
        line.clear();
        for (unsigned i = 0; i < 12; ++i) {
            auto number = static_cast<std::uint64_t>(std::exp(3 * rank(random))) % 1'000'000;
            for (++number; number != 0; number /= 20) line += static_cast<char>('a' + number % 20);
            line += ' ';
        }
        line += '\n';
        out << line;
    }
    return where;
}

std::vector<std::string> map_all(const settings& how, const fs::path& directory) {
    std::vector<std::string> files;
    const std::uint64_t size = fs::file_size(how.file);
    const std::uint64_t split = how.split_mib << 20;
    std::uint64_t records = 0;
    std::uint64_t spills = 0;
    std::uint64_t bytes = 0;
    for (std::uint64_t offset = 0; offset < size; offset += split) {
        map_assignment what{.run_directory = directory,
                            .run_nonce = "bench",
                            .index = static_cast<std::uint32_t>(offset / split),
                            .partitions = how.partitions,
                            .memory_budget = how.budget_mib << 20,
                            .pieces = {{how.file, offset, std::min(split, size - offset), size}},
                            .formats = {{}}};
        const auto count = [](const sheaf::text_split& text, sheaf::emitter<std::string, std::uint64_t>& out) {
            sheaf::for_each_word(text.text(), [&out](std::string_view word) { out.emit(word, 1); });
        };
        const auto map = [&](const auto& shuffle) {
            return sheaf::detail::map_records<std::string, std::uint64_t>(what, shuffle, [&](auto& out) {
                const auto take = [&](const sheaf::text_split& text) { count(text, out); };
                return sheaf::detail::for_each_split<sheaf::text_split>(what, {}, take).bytes;
            });
        };
        const auto output = how.gather ? map(sheaf::detail::shuffle<>{}) : map(sheaf::detail::shuffle<adding>{});
        files.push_back(output.file);
        records += output.records_out;
        spills += output.spills;
        bytes += output.segment_bytes;
    }
    std::printf("%zu segments, %llu records, %llu bytes, %llu spills\n", files.size(),
                static_cast<unsigned long long>(records), static_cast<unsigned long long>(bytes),
                static_cast<unsigned long long>(spills));
    return files;
}

void reduce_all(const settings& how, const fs::path& directory, const std::vector<std::string>& files) {
    std::uint64_t total = 0;
    std::uint64_t keys = 0;
    for (std::uint32_t partition = 0; partition < how.partitions; ++partition) {
        reduce_assignment what{.run_directory = directory,
                               .run_nonce = "bench",
                               .partition = partition,
                               .partitions = how.partitions,
                               .memory_budget = how.budget_mib << 20,
                               .files = files,
                               .output_directory = directory / "out"};
        sheaf::detail::output_file text(what.output_directory, sheaf::detail::reduce_output_name(what));
        const auto format = [&](std::string_view word, std::uint64_t count) {
            total += count;
            text.text().append(word).append("\t").append(std::to_string(count)).append("\n");
            text.written();
        };
        const auto sum = [&](std::string_view word, auto& values) {
            std::uint64_t count = 0;
            for (const std::uint64_t one : values) count += one;
            format(word, count);
        };
        using sheaf::detail::no_order;
        const auto output = how.gather
                                ? sheaf::detail::reduce_grouped<std::string, std::uint64_t>(what, no_order{}, sum)
                                : sheaf::detail::reduce_folded<std::string, std::uint64_t>(what, adding{}, format);
        (void)text.commit();
        keys += output.keys;
    }
    std::printf("%llu words, %llu distinct\n", static_cast<unsigned long long>(total),
                static_cast<unsigned long long>(keys));
}

}  // namespace

int main(int argc, char** argv) {
    const scratch_directory directory;
    settings how;
    if (argc > 1) how.file = argv[1];
    if (argc > 2) how.split_mib = std::strtoull(argv[2], nullptr, 10);
    if (argc > 3) how.partitions = static_cast<std::uint32_t>(std::strtoul(argv[3], nullptr, 10));
    if (argc > 4) how.budget_mib = std::strtoull(argv[4], nullptr, 10);
    if (argc > 5) how.gather = std::string_view(argv[5]) == "gather";
    if (how.file.empty()) how.file = make_text(directory.path() / "text");
    std::vector<std::string> files;
    measure("map", [&] { files = map_all(how, directory.path()); });
    measure("reduce", [&] { reduce_all(how, directory.path(), files); });
    std::printf("peak RSS %llu MiB (with mapped input)\n", static_cast<unsigned long long>(kib_of("VmHWM:") / 1024));
}
