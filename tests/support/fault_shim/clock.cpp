// The library that LD_PRELOAD puts into a process, to let its wall clock be wrong: by what the file says that SHEAF_WRONG_CLOCK
// names, at any moment. Clocks that count from the boot, and timers, are the kernel's.
#include "support/fault_shim/clock.hpp"

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace sheaf::test::shim {
namespace {

const clock_error& no_error() {
    static const clock_error none{};
    return none;
}

// Clocks are read before main and by other libraries' constructors, so it is opened by the first of them.
const clock_error& open_error() {
    const char* const path = std::getenv(clock_variable);
    if (path == nullptr) return no_error();
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return no_error();
    void* const at = ::mmap(nullptr, sizeof(clock_error), PROT_READ, MAP_SHARED, file, 0);
    ::close(file);
    return at == MAP_FAILED ? no_error() : *static_cast<const clock_error*>(at);
}

time_t error_now() {
    static const clock_error& shown = open_error();
    return static_cast<time_t>(shown.seconds.load(std::memory_order_acquire));
}

// Not by its function, which is ours.
int read_clock(clockid_t which, timespec* to) { return static_cast<int>(::syscall(SYS_clock_gettime, which, to)); }

}  // namespace
}  // namespace sheaf::test::shim

namespace shim = sheaf::test::shim;

extern "C" {

int clock_gettime(clockid_t which, timespec* to) noexcept {
    const int result = shim::read_clock(which, to);
    if (result == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) to->tv_sec += shim::error_now();
    return result;
}

int gettimeofday(timeval* to, void* /*zone*/) noexcept {
    timespec now{};
    const int result = clock_gettime(CLOCK_REALTIME, &now);
    *to = {now.tv_sec, now.tv_nsec / 1000};
    return result;
}

time_t time(time_t* to) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (to != nullptr) *to = now.tv_sec;
    return now.tv_sec;
}

}  // extern "C"
