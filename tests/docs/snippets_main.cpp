// Renews the code in the documents of the tree from its sources, or says which differ.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "docs/snippets.hpp"

namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (!in) throw std::runtime_error("cannot read " + path.string());
    return text;
}

void write_file(const fs::path& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    if (!out.write(text.data(), static_cast<std::streamsize>(text.size())).flush()) {
        throw std::runtime_error("cannot write " + path.string());
    }
}

/// Every document that people read: those at the root, and all in docs/ and examples/.
std::vector<fs::path> documents(const fs::path& root) {
    std::vector<fs::path> found;
    const auto take = [&](const fs::directory_entry& entry) {
        if (entry.is_regular_file() && entry.path().extension() == ".md") found.push_back(entry.path());
    };
    for (const auto& entry : fs::directory_iterator(root)) take(entry);
    for (const char* const below : {"docs", "examples"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root / below)) take(entry);
    }
    std::ranges::sort(found);
    return found;
}

/// Renews one document, or compares. Says what is wrong; false if anything is.
bool treat(const fs::path& root, const fs::path& document, bool write) {
    const std::string before = read_file(document);
    const auto after = sheaf::docs::renew(before, [&](const std::string& path) { return read_file(root / path); });
    const std::string name = document.lexically_relative(root).string();
    for (const std::string& complaint : after.complaints) std::cerr << name << ':' << complaint << '\n';
    if (after.text == before) return after.complaints.empty();
    if (write) {
        write_file(document, after.text);
        std::cout << name << " is renewed\n";
        return after.complaints.empty();
    }
    std::cerr << name << " differs from the sources of its code; ./dev docs renews it\n";
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv, argv + argc);
    if (arguments.size() != 3 || (arguments[1] != "--check" && arguments[1] != "--write")) {
        std::cerr << "usage: snippets --check|--write ROOT\n";
        return 2;
    }
    try {
        const fs::path root = arguments[2];
        bool good = true;
        for (const fs::path& document : documents(root)) good &= treat(root, document, arguments[1] == "--write");
        return good ? 0 : 1;
    } catch (const std::exception& why) {
        std::cerr << "snippets: " << why.what() << '\n';
        return 1;
    }
}
