// Runs a fuzz target over its corpus without libFuzzer, so that every build with any compiler replays past findings.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_below(const fs::path& root) {
    std::vector<fs::path> files;
    if (fs::is_regular_file(root)) {
        files.push_back(root);
    } else {
        for (const auto& entry : fs::recursive_directory_iterator(root)) {
            if (entry.is_regular_file()) files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::uint8_t> contents_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in) throw std::runtime_error("cannot read " + path.string());
    return bytes;
}

std::size_t replay(const fs::path& root) {
    const auto files = files_below(root);
    for (const auto& file : files) {
        // Printed before the run: after a crash it is the last line, and names the culprit.
        std::printf("%s\n", file.c_str());
        std::fflush(stdout);
        const auto bytes = contents_of(file);
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    return files.size();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s CORPUS...\n", argv[0]);
        return 2;
    }
    try {
        std::size_t count = 0;
        for (int i = 1; i < argc; ++i) count += replay(argv[i]);
        std::printf("%zu inputs replayed\n", count);
        if (count == 0) std::fprintf(stderr, "the corpus is empty\n");
        return count == 0 ? 1 : 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
