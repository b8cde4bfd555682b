#include "base/standard_descriptors.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace sheaf {

void open_closed_standard_descriptors() noexcept {
    int opened = 0;
    do {
        opened = ::open("/dev/null", O_RDWR | O_CLOEXEC);  // gets the lowest number that is free
        if (opened >= 0 && opened <= STDERR_FILENO) ::fcntl(opened, F_SETFD, 0);
    } while (opened >= 0 && opened <= STDERR_FILENO);
    if (opened >= 0) ::close(opened);
}

}  // namespace sheaf
