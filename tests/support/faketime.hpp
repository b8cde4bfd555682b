// Processes that see another time of day than the kernel's, by libfaketime.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>

#include "support/deadline.hpp"

namespace sheaf::test {

/// What LD_PRELOAD has to name. Throws where it is not installed.
inline std::string faketime_library() {
    for (const auto& entry : std::filesystem::directory_iterator("/usr/lib")) {
        const auto library = entry.path() / "faketime/libfaketime.so.1";
        std::error_code fault;
        if (std::filesystem::exists(library, fault)) return library.string();
    }
    throw peer_failure("libfaketime is not installed");
}

}  // namespace sheaf::test
