#include "up/cluster_name.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <sys/un.h>
#include <unistd.h>
#include <xxhash.h>

namespace sheaf::up {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t name_bytes_max = 64;

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool may_be_in_name(char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; }

basic_result<fs::path> state_home(const detail::environment_lookup& environment) {
    const auto state = environment("XDG_STATE_HOME");
    if (state && state->starts_with('/')) return fs::path(*state);  // others are to be ignored, says the standard
    const auto home = environment("HOME");
    if (home && home->starts_with('/')) return fs::path(*home) / ".local" / "state";
    return error{errc::invalid_argument,
                 "there is no place for the files of a cluster: neither XDG_STATE_HOME nor HOME is the path of a "
                 "directory; set one of them"};
}

// Whether a socket in `directory`, with a name of one byte, can stand in SHEAF_SERVER.
bool is_fit_for_sockets(const fs::path& directory) {
    const std::string& path = directory.native();
    const bool short_enough = path.size() + 2 < sizeof(sockaddr_un{}.sun_path);
    return short_enough &&
           std::ranges::none_of(path, [](unsigned char c) { return c <= ' ' || c == ',' || c == 0x7F; });
}

fs::path socket_fallback(const fs::path& directory, const detail::environment_lookup& environment) {
    std::array<char, 24> unique{};
    const std::uint64_t hash = XXH3_64bits(directory.native().data(), directory.native().size());
    std::snprintf(unique.data(), unique.size(), "up-%016jx", std::uintmax_t{hash});
    const fs::path below = fs::path("sheaf-" + std::to_string(::getuid())) / unique.data();
    const auto runtime = environment("XDG_RUNTIME_DIR");
    if (runtime && runtime->starts_with('/') && is_fit_for_sockets(*runtime / below)) return *runtime / below;
    return "/tmp" / below;
}

}  // namespace

basic_result<void> check_name(std::string_view name) {
    const bool good = !name.empty() && name.size() <= name_bytes_max && is_alphanumeric(name.front()) &&
                      std::ranges::all_of(name, may_be_in_name);
    if (good) return {};
    return error{
        errc::invalid_argument,
        "the name of a cluster has 1 to 64 letters, digits, '.', '_' and '-', and begins with a letter or a digit"};
}

basic_result<cluster_paths> paths_of(std::string_view name, const detail::environment_lookup& environment) {
    if (const auto good = check_name(name); !good) return good.error();
    const auto home = state_home(environment);
    if (!home) return home.error();
    cluster_paths paths;
    paths.directory = *home / "sheaf" / name;
    paths.lock = paths.directory / "lock";
    paths.state = paths.directory / "state";
    paths.log = paths.directory / "log";
    const bool fit = is_fit_for_sockets(paths.directory);
    paths.sockets = fit ? paths.directory : socket_fallback(paths.directory, environment);
    return paths;
}

basic_result<cluster_paths> paths_of(std::string_view name) { return paths_of(name, detail::process_environment); }

}  // namespace sheaf::up
