// Libraries of ours in other processes.
#pragma once

#include <cstdlib>
#include <string>

namespace sheaf::test {

/// An environment variable for processes that load them: AddressSanitizer wants to be loaded first, and need not be.
inline std::string preload_beside_sanitizers() {
    const char* const own = std::getenv("ASAN_OPTIONS");
    return "ASAN_OPTIONS=" + (own == nullptr ? std::string() : own + std::string(":")) + "verify_asan_link_order=0";
}

}  // namespace sheaf::test
