#include "ledger.hpp"

#include <fstream>
#include <stdexcept>

// A line for each: an id has no blanks.
std::vector<entry> read_ledger(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(path + ": there are no jobs yet; begin with: thumbnails enqueue PICTURE...");
    std::vector<entry> all;
    for (entry one; file >> one.id && std::getline(file >> std::ws, one.picture);) all.push_back(one);
    return all;
}

void append_to_ledger(const std::string& path, const entry& one) {
    std::ofstream file(path, std::ios::app);
    file << one.id << ' ' << one.picture << std::endl;
    if (!file) throw std::runtime_error(path + ": cannot be written");
}
