// What a running cluster says of itself in its state file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "sheaf/runtime/endpoint.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::up {

/// Tells one build of a program from the next.
struct file_identity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;

    friend bool operator==(const file_identity&, const file_identity&) = default;
};

/// Of the file at `path`, or that a link there leads to.
[[nodiscard]] basic_result<file_identity> identify(const std::string& path);

struct cluster_state {
    pid_t pid = 0;                  ///< of `sheaf up`; for people, since the process may have gone
    std::string program;            ///< that the workers run, an absolute path
    file_identity build;            ///< of `program`, when the cluster began
    std::size_t workers = 0;        ///< processes there are to be
    std::vector<endpoint> servers;  ///< the private Unix-domain socket first

    friend bool operator==(const cluster_state&, const cluster_state&) = default;
};

/// Lines of "key value", as:
///
///     sheaf cluster 1
///     pid 4711
///     program /home/me/wordcount
///     build 2049 131099 712232 1700000000000000000
///     workers 4
///     server unix:/home/me/.local/state/sheaf/default/s
[[nodiscard]] std::string to_text(const cluster_state& state);

/// Reads what to_text() wrote. Whatever else it is given is an error, never a state; keys that it does not know are those
/// of a later version.
[[nodiscard]] basic_result<cluster_state> parse_state(std::string_view text);

/// Replaces the file at `path` as a whole. Throws runtime_failure.
void write_state(const std::filesystem::path& path, const cluster_state& state);

[[nodiscard]] basic_result<cluster_state> read_state(const std::filesystem::path& path);

}  // namespace sheaf::up
