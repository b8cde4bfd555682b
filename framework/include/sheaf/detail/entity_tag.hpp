// What tells one state of a file from another, on this host and over HTTP. Not for users.
#pragma once

#include <string>
#include <sys/stat.h>

namespace sheaf::detail {

/// Its size and the time of its last change; as an exchange server writes them into the ETag header.
[[nodiscard]] inline std::string entity_tag(const struct stat& about) {
    return '"' + std::to_string(about.st_size) + "-" + std::to_string(about.st_mtim.tv_sec) + "." +
           std::to_string(about.st_mtim.tv_nsec) + '"';
}

}  // namespace sheaf::detail
