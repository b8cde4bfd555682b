#include "up/cluster_state.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/unique_fd.hpp"

namespace sheaf::up {
namespace {

constexpr std::string_view first_line = "sheaf cluster 1";
constexpr std::size_t state_bytes_max = 64 << 10;
constexpr std::size_t servers_max = 64;
constexpr std::size_t workers_max = 4096;

error broken(const std::string& why) {
    return {errc::malformed,
            "the state file of the cluster is damaged (" + why + "); end the cluster and start it anew"};
}

[[noreturn]] void fail(const std::string& what) {
    throw runtime_failure({errc::io_error, what + ": " + std::generic_category().message(errno)});
}

// All of `text` as numbers with one blank between them.
template <class... Number>
bool read_numbers(std::string_view text, Number&... numbers) {
    const char* at = text.data();
    const char* const end = at + text.size();
    bool first = true;
    const auto read_one = [&](auto& number) {
        if (!std::exchange(first, false)) {
            if (at == end || *at != ' ') return false;
            ++at;
        }
        const auto [rest, fault] = std::from_chars(at, end, number);
        at = rest;
        return fault == std::errc{};
    };
    return (read_one(numbers) && ...) && at == end;
}

bool is_sound_path(std::string_view path) {
    return path.starts_with('/') && std::ranges::none_of(path, [](unsigned char c) { return c < ' ' || c == 0x7F; });
}

// Takes in one line. Returns what is wrong with it, if something is.
std::optional<std::string> read_line(std::string_view line, cluster_state& state) {
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos) return "a line without a value";
    const std::string_view key = line.substr(0, blank);
    const std::string_view value = line.substr(blank + 1);
    if (key == "pid") {
        if (!read_numbers(value, state.pid) || state.pid <= 0) return "pid";
    } else if (key == "program") {
        if (!is_sound_path(value)) return "program";
        state.program = value;
    } else if (key == "build") {
        file_identity& build = state.build;
        if (!read_numbers(value, build.device, build.inode, build.bytes, build.modified_ns)) return "build";
    } else if (key == "workers") {
        if (!read_numbers(value, state.workers) || state.workers > workers_max) return "workers";
    } else if (key == "server") {
        auto server = parse_endpoint(value);
        if (!server || state.servers.size() == servers_max) return "server";
        state.servers.push_back(*std::move(server));
    }
    return std::nullopt;
}

basic_result<std::string> read_bounded(const std::filesystem::path& path) {
    const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file)
        return error{errc::io_error, "cannot read " + path.string() + ": " + std::generic_category().message(errno)};
    std::string text;
    std::array<char, 4096> block{};
    for (;;) {
        const ssize_t n = ::read(file.get(), block.data(), block.size());
        if (n < 0)
            return error{errc::io_error,
                         "cannot read " + path.string() + ": " + std::generic_category().message(errno)};
        if (n == 0) return text;
        text.append(block.data(), static_cast<std::size_t>(n));
        if (text.size() > state_bytes_max) return broken("too long");
    }
}

void write_all(int file, std::string_view text, const std::string& path) {
    while (!text.empty()) {
        const ssize_t n = ::write(file, text.data(), text.size());
        if (n < 0) fail("cannot write " + path);
        text.remove_prefix(static_cast<std::size_t>(n));
    }
}

}  // namespace

basic_result<file_identity> identify(const std::string& path) {
    struct stat of {};
    if (::stat(path.c_str(), &of) != 0) {
        return error{errc::io_error, path + ": " + std::generic_category().message(errno)};
    }
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    return file_identity{of.st_dev, of.st_ino, static_cast<std::uint64_t>(of.st_size),
                         of.st_mtim.tv_sec * ns_per_s + of.st_mtim.tv_nsec};
}

std::string to_text(const cluster_state& state) {
    const file_identity& build = state.build;
    std::string text(first_line);
    text += "\npid " + std::to_string(state.pid) + "\nprogram " + state.program + "\nbuild " +
            std::to_string(build.device) + " " + std::to_string(build.inode) + " " + std::to_string(build.bytes) + " " +
            std::to_string(build.modified_ns) + "\nworkers " + std::to_string(state.workers) + "\n";
    for (const endpoint& server : state.servers) text += "server " + to_string(server) + "\n";
    return text;
}

basic_result<cluster_state> parse_state(std::string_view text) {
    if (text.size() > state_bytes_max) return broken("too long");
    const auto take_line = [&text]() -> std::optional<std::string_view> {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        return line;
    };
    if (take_line() != first_line) return broken("not of this version of sheaf");
    cluster_state state;
    while (!text.empty()) {
        const auto line = take_line();
        if (!line) return broken("cut off");
        if (const auto fault = read_line(*line, state)) return broken(*fault);
    }
    if (state.pid == 0 || state.program.empty() || state.servers.empty()) return broken("incomplete");
    return state;
}

void write_state(const std::filesystem::path& path, const cluster_state& state) {
    const std::string next = path.string() + ".new";
    const unique_fd file(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) fail("cannot write " + next);
    write_all(file.get(), to_text(state), next);
    if (::rename(next.c_str(), path.c_str()) != 0) fail("cannot write " + path.string());
}

basic_result<cluster_state> read_state(const std::filesystem::path& path) {
    const auto text = read_bounded(path);
    if (!text) return text.error();
    return parse_state(*text);
}

}  // namespace sheaf::up
