// Which jobs this program has left behind: the ids, in a file.
#pragma once

#include <string>
#include <vector>

struct entry {
    std::string id;       // of the background job
    std::string picture;  // its path
};

// Throw std::runtime_error with the file's name when it cannot be read or written.
std::vector<entry> read_ledger(const std::string& path);
void append_to_ledger(const std::string& path, const entry& one);
