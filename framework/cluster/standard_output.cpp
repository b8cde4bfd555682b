#include "cluster/standard_output.hpp"

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <system_error>

namespace sheaf::detail {

std::optional<std::string> flush_standard_output() {
    errno = 0;
    std::cout.flush();
    const bool flushed = std::fflush(stdout) == 0;
    const int why = errno;
    if (flushed && std::ferror(stdout) == 0 && !std::cout.bad()) return std::nullopt;
    // Of a write that failed earlier, nobody has kept the reason.
    return "standard output cannot be written, so some of it is missing" +
           (why == 0 ? std::string() : ": " + std::generic_category().message(why));
}

}  // namespace sheaf::detail
