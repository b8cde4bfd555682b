// Checks of our own mistakes. They stay on in release builds and never judge bytes from a wire or a disk.
#pragma once

namespace sheaf {

/// Prints what was expected and where, then aborts.
[[noreturn]] void assertion_failed(const char* expression, const char* message, const char* file, int line) noexcept;

}  // namespace sheaf

#define SHEAF_ASSERT(condition, message)                 \
    (static_cast<bool>(condition) ? static_cast<void>(0) \
                                  : ::sheaf::assertion_failed(#condition, message, __FILE__, __LINE__))
