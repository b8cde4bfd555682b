// The names of clusters, and where the files of each are.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "cluster/role.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::up {

/// The cluster that commands mean when none is named.
inline constexpr const char* default_name = "default";

/// Says what is wrong with `name`, if something is: it has 1 to 64 letters, digits, '.', '_' and '-', and begins with a letter
/// or a digit.
[[nodiscard]] basic_result<void> check_name(std::string_view name);

/// The files of one cluster.
struct cluster_paths {
    std::filesystem::path directory;  ///< holds all that follow; only this user may enter it
    std::filesystem::path lock;
    std::filesystem::path state;
    std::filesystem::path log;
    std::filesystem::path sockets;  ///< where the sockets are: `directory`, if their paths are fit for it

    [[nodiscard]] std::filesystem::path server_socket() const { return sockets / "s"; }
    [[nodiscard]] std::filesystem::path control_socket() const { return sockets / "c"; }
};

/// `directory` is NAME below "sheaf" in XDG_STATE_HOME or ~/.local/state. The address of a Unix-domain socket has at most 107
/// bytes, and a list of addresses no blanks or commas: where `directory` leads to a path that is no address, the sockets go
/// to a directory below XDG_RUNTIME_DIR or /tmp. Errors are sentences: a bad name, no home.
[[nodiscard]] basic_result<cluster_paths> paths_of(std::string_view name,
                                                   const detail::environment_lookup& environment);

/// paths_of() with the environment of this process.
[[nodiscard]] basic_result<cluster_paths> paths_of(std::string_view name);

}  // namespace sheaf::up
