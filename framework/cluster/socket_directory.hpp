// A private place for a local cluster's socket, which does not stay behind.
#pragma once

#include <filesystem>
#include <string>

#include "base/unique_fd.hpp"

namespace sheaf::detail {

/// A new directory that only this user may enter, below `${XDG_RUNTIME_DIR:-/tmp}/sheaf-<uid>`. Removed with the object.
/// Those of processes that were killed are removed by the next one that is made: an owner holds a lock while it lives.
class socket_directory {
  public:
    /// Throws runtime_failure.
    socket_directory();
    /// Below `base`, which is created when it is not there.
    explicit socket_directory(const std::filesystem::path& base);
    ~socket_directory();
    socket_directory(const socket_directory&) = delete;
    socket_directory& operator=(const socket_directory&) = delete;

    /// A path in the directory, short enough for a Unix-domain socket.
    [[nodiscard]] std::string socket_path() const;
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
    unique_fd lock_;
};

}  // namespace sheaf::detail
