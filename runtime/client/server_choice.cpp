#include "client/server_choice.hpp"

#include <string>
#include <xxhash.h>

namespace sheaf::runtime {

server_choice::server_choice(std::span<const std::string_view> names) {
    seeds_.reserve(names.size());
    for (const std::string_view name : names) seeds_.push_back(XXH3_64bits(name.data(), name.size()));
}

server_choice server_choice::of(std::span<const endpoint> servers) {
    std::vector<std::string> names;
    names.reserve(servers.size());
    for (endpoint server : servers) {
        server.tls = false;
        names.push_back(to_string(server));
    }
    const std::vector<std::string_view> views(names.begin(), names.end());
    return server_choice(views);
}

std::uint64_t server_choice::key(std::string_view function, std::string_view unique, std::string_view payload) {
    const std::string_view what = unique == "-" ? payload : unique;
    return XXH3_64bits_withSeed(what.data(), what.size(), XXH3_64bits(function.data(), function.size()));
}

// A 64-bit finalizer: every bit of key and seed moves every bit of the weight.
std::uint64_t server_choice::weight(std::uint64_t key, std::uint64_t seed) noexcept {
    std::uint64_t x = key ^ seed;
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ULL;
    return x ^ (x >> 33);
}

}  // namespace sheaf::runtime
