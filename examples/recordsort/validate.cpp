// The validator: one pass, in constant memory, and with nothing of Sheaf's.
#include "validate.hpp"

#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace {

// FNV-1a with a finish, so that sums of it tell records apart.
std::uint64_t fingerprint(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    hash ^= hash >> 33;
    hash *= 0xff51afd7ed558ccd;
    return hash ^ hash >> 33;
}

}  // namespace

validation validate(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot open " + path);
    validation seen;
    std::string last;
    std::vector<char> block(record_bytes * 10'000);
    while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() != 0) {
        const auto size = static_cast<std::size_t>(file.gcount());
        if (size % record_bytes != 0) throw std::runtime_error(path + " ends within a record");
        for (std::size_t at = 0; at < size; at += record_bytes) {
            const std::string_view record(block.data() + at, record_bytes);
            const std::string_view key = record.substr(0, key_bytes);
            if (seen.records++ != 0) {
                seen.out_of_order += key < last ? 1 : 0;
                seen.duplicates += key == last ? 1 : 0;
            }
            seen.checksum += fingerprint(record);
            last = key;
        }
    }
    if (file.bad()) throw std::runtime_error("cannot read " + path);
    return seen;
}
