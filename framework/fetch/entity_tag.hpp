// How an exchange server tells one state of a file from another.
#pragma once

#include <string>
#include <sys/stat.h>

namespace sheaf::fetch {

/// The value of the ETag header: its size and the time of its last change.
[[nodiscard]] inline std::string entity_tag(const struct stat& about) {
    return '"' + std::to_string(about.st_size) + "-" + std::to_string(about.st_mtim.tv_sec) + "." +
           std::to_string(about.st_mtim.tv_nsec) + '"';
}

}  // namespace sheaf::fetch
