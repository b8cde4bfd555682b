// The library that LD_PRELOAD puts into a process, to let its calls for files fail, be slow or be its last, and to note the
// order of its writes, syncs and sends. What it does is on the board that SHEAF_FAULT_BOARD names; without one, nothing.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dlfcn.h>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "support/fault_shim/board.hpp"

namespace sheaf::test::shim {
namespace {

struct place {
    board* shared = nullptr;
    int log = -1;
};

// Calls come before main and from other libraries' constructors, so it is opened by the first of them.
place open_place() {
    place made;
    const char* const path = std::getenv(board_variable);
    if (path == nullptr) return made;
    const int file = ::open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return made;
    void* const at = ::mmap(nullptr, sizeof(board), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (at == MAP_FAILED) return made;
    made.shared = static_cast<board*>(at);
    made.log = ::open((std::string(path) + log_suffix).c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    return made;
}

const place& here() {
    static const place made = open_place();
    return made;
}

class path_of {
  public:
    explicit path_of(int descriptor) {
        std::array<char, 32> link{"/proc/self/fd/"};
        std::array<char, 12> digits{};
        std::size_t count = 0;
        for (int rest = descriptor; rest > 0 || count == 0; rest /= 10) {
            digits[count++] = static_cast<char>('0' + rest % 10);
        }
        std::reverse_copy(digits.begin(), digits.begin() + count, link.begin() + std::strlen(link.data()));
        const ssize_t size = ::readlink(link.data(), text_.data(), text_.size());
        size_ = size < 0 ? 0 : static_cast<std::size_t>(size);
    }
    [[nodiscard]] std::string_view view() const { return {text_.data(), size_}; }

  private:
    std::array<char, PATH_MAX> text_;
    std::size_t size_ = 0;
};

// For as long as the rule says and is in force.
void pause_for(const rule& one) {
    constexpr timespec step{0, 1'000'000};
    for (std::uint32_t left = one.milliseconds; left > 0 && one.armed.load(std::memory_order_acquire) != 0; --left) {
        ::nanosleep(&step, nullptr);
    }
}

constexpr int exit_status = 86;

[[noreturn]] void leave() {
    ::syscall(SYS_exit_group, exit_status);
    __builtin_unreachable();
}

/// What a call has to do before and after it is made.
struct verdict {
    int error = 0;
    bool leaves_after = false;
};

bool is_due(rule& one, call of, std::string_view path) {
    if (one.armed.load(std::memory_order_acquire) == 0 || one.of != of) return false;
    if (path.find(one.file.data()) == std::string_view::npos) return false;
    if (one.passing.fetch_sub(1) > 0) return false;
    if (one.left.fetch_sub(1) <= 0) return false;
    one.hits.fetch_add(1);
    return true;
}

bool has_rules(call of) {
    return here().shared != nullptr && std::ranges::any_of(here().shared->rules, [&](rule& one) {
               return one.armed.load(std::memory_order_acquire) != 0 && one.of == of;
           });
}

verdict judge(call of, std::string_view path) {
    verdict result;
    for (rule& one : here().shared->rules) {
        if (!is_due(one, of, path)) continue;
        switch (one.what) {
            case action::fail: result.error = one.error; break;
            case action::delay: pause_for(one); break;
            case action::exit: leave();
            case action::exit_after: result.leaves_after = true; break;
        }
    }
    return result;
}

bool is_logged(std::string_view path) {
    return here().shared != nullptr && here().shared->logging.load(std::memory_order_acquire) != 0 &&
           path.find(here().shared->logged_file.data()) != std::string_view::npos;
}

bool is_logging() { return here().shared != nullptr && here().shared->logging.load(std::memory_order_acquire) != 0; }

// One system call for an entry: the kernel keeps those of several threads apart. By its number, as ours would be noted again.
void note(event_kind what, std::string_view path, const iovec* data, int pieces) {
    record_head head{here().shared->sequence.fetch_add(1), what, static_cast<std::uint32_t>(path.size()), 0};
    std::array<iovec, 64> all{};
    std::size_t used = 2;
    for (int i = 0; i < pieces && used < all.size(); ++i) {
        all[used++] = data[i];
        head.data_bytes += data[i].iov_len;
    }
    all[0] = {&head, sizeof head};
    all[1] = {const_cast<char*>(path.data()), path.size()};
    ::syscall(SYS_writev, here().log, all.data(), used);
}

template <class Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// Makes a call for a file with `made`, as the rules want it, and notes it with `noted` when it has succeeded.
template <class Made, class Noted>
auto guarded(call of, int descriptor, const Made& made, const Noted& noted) {
    using result = decltype(made());
    if (!has_rules(of) && !is_logging()) return made();
    const int before = errno;
    const path_of path(descriptor);
    const verdict found = has_rules(of) ? judge(of, path.view()) : verdict{};
    if (found.error != 0) {
        errno = found.error;
        return result{-1};
    }
    const bool logged = is_logged(path.view());
    if (logged && of == call::sync) note(event_kind::sync_begins, path.view(), nullptr, 0);
    errno = before;
    const result said = made();
    const int after = errno;
    if (found.leaves_after) leave();
    if (logged && said >= 0) noted(path.view(), said);
    errno = after;
    return said;
}

template <class Made>
ssize_t guarded_write(int descriptor, const void* data, const Made& made) {
    return guarded(call::write, descriptor, made, [&](std::string_view path, ssize_t size) {
        const iovec piece{const_cast<void*>(data), static_cast<std::size_t>(size)};
        note(event_kind::written, path, &piece, 1);
    });
}

template <class Made>
int guarded_sync(int descriptor, const Made& made) {
    return guarded(call::sync, descriptor, made,
                   [](std::string_view path, int) { note(event_kind::synced, path, nullptr, 0); });
}

}  // namespace
}  // namespace sheaf::test::shim

namespace shim = sheaf::test::shim;

extern "C" {

ssize_t write(int descriptor, const void* data, size_t size) {
    static auto* const real = shim::next<decltype(write)>("write");
    return shim::guarded_write(descriptor, data, [&] { return real(descriptor, data, size); });
}

ssize_t pwrite(int descriptor, const void* data, size_t size, off_t at) {
    static auto* const real = shim::next<decltype(pwrite)>("pwrite");
    return shim::guarded_write(descriptor, data, [&] { return real(descriptor, data, size, at); });
}

ssize_t pwrite64(int descriptor, const void* data, size_t size, off64_t at) {
    static auto* const real = shim::next<decltype(pwrite64)>("pwrite64");
    return shim::guarded_write(descriptor, data, [&] { return real(descriptor, data, size, at); });
}

int fdatasync(int descriptor) {
    static auto* const real = shim::next<decltype(fdatasync)>("fdatasync");
    return shim::guarded_sync(descriptor, [&] { return real(descriptor); });
}

int fsync(int descriptor) {
    static auto* const real = shim::next<decltype(fsync)>("fsync");
    return shim::guarded_sync(descriptor, [&] { return real(descriptor); });
}

int rename(const char* from, const char* to) noexcept {
    static auto* const real = shim::next<int(const char*, const char*)>("rename");
    const shim::verdict found =
        shim::has_rules(shim::call::rename) ? shim::judge(shim::call::rename, to) : shim::verdict{};
    if (found.error != 0) {
        errno = found.error;
        return -1;
    }
    const int said = real(from, to);
    if (found.leaves_after) shim::leave();
    return said;
}

ssize_t send(int descriptor, const void* data, size_t size, int flags) {
    static auto* const real = shim::next<decltype(send)>("send");
    const iovec piece{const_cast<void*>(data), size};
    if (shim::is_logging()) shim::note(shim::event_kind::sends, {}, &piece, 1);
    return real(descriptor, data, size, flags);
}

ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
    static auto* const real = shim::next<decltype(sendmsg)>("sendmsg");
    if (shim::is_logging()) {
        shim::note(shim::event_kind::sends, {}, message->msg_iov, static_cast<int>(message->msg_iovlen));
    }
    return real(descriptor, message, flags);
}

}  // extern "C"
