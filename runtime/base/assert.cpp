#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace sheaf {

void assertion_failed(const char* expression, const char* message, const char* file, int line) noexcept {
    std::fprintf(stderr, "sheaf: internal error: %s (%s) at %s:%d. Please report it.\n", message, expression, file,
                 line);
    std::abort();
}

}  // namespace sheaf
