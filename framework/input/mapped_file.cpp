#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <signal.h>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sheaf/detail/mapped_file.hpp>
#include <sheaf/runtime/error.hpp>

namespace sheaf::detail {

/// A mapping that the handler knows. All members are atomic: the handler reads them at any time.
struct guarded_region {
    std::atomic<bool> taken{false};
    std::atomic<std::uintptr_t> begin{0};
    std::atomic<std::uintptr_t> end{0};
    std::atomic<bool> torn{false};
};

namespace {

static_assert(std::atomic<std::uintptr_t>::is_always_lock_free, "a signal handler must not take locks");

constexpr std::uintptr_t page_bytes_min = 4096;

std::array<guarded_region, 256> regions;
struct sigaction handler_before {};
std::uintptr_t page_bytes = page_bytes_min;

guarded_region* region_of(std::uintptr_t address) {
    for (guarded_region& one : regions) {
        if (one.begin.load(std::memory_order_acquire) <= address && address < one.end.load(std::memory_order_acquire)) {
            return &one;
        }
    }
    return nullptr;
}

// Puts zeros where the file cannot be read, from `address` to the region's end, so that one fault is the last.
bool mend(guarded_region& region, std::uintptr_t address) {
    const std::uintptr_t page = address / page_bytes * page_bytes;
    const std::size_t length = region.end.load(std::memory_order_relaxed) - page;
    void* const zeros = ::mmap(reinterpret_cast<void*>(page), length, PROT_READ,  // NOLINT: the address is the kernel's
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (zeros == MAP_FAILED) return false;
    region.torn.store(true, std::memory_order_release);
    return true;
}

void pass_on(int signal_number, siginfo_t* info, void* machine_state) {
    if ((handler_before.sa_flags & SA_SIGINFO) != 0 && handler_before.sa_sigaction != nullptr) {
        handler_before.sa_sigaction(signal_number, info, machine_state);
    } else if (handler_before.sa_handler != SIG_DFL && handler_before.sa_handler != SIG_IGN) {
        handler_before.sa_handler(signal_number);
    } else {
        // With the default back in place, returning repeats the access, which ends the process as it should.
        ::signal(signal_number, SIG_DFL);
        if (info->si_code <= 0) ::raise(signal_number);  // sent by a process: there is no access to repeat
    }
}

void on_bus_error(int signal_number, siginfo_t* info, void* machine_state) {
    const int error_before = errno;
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    // si_code > 0: the kernel reports a fault, and si_addr means something.
    guarded_region* const region = info->si_code > 0 ? region_of(address) : nullptr;
    if (region == nullptr || !mend(*region, address)) pass_on(signal_number, info, machine_state);
    errno = error_before;
}

void install_handler() {
    static std::once_flag once;
    std::call_once(once, [] {
        page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        struct sigaction ours {};
        ours.sa_sigaction = on_bus_error;
        ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
        ::sigemptyset(&ours.sa_mask);
        if (::sigaction(SIGBUS, &ours, &handler_before) != 0) {
            throw std::system_error(errno, std::generic_category(), "cannot handle SIGBUS");
        }
    });
}

guarded_region* guard(char* pages, std::size_t size) {
    for (guarded_region& one : regions) {
        if (one.taken.exchange(true)) continue;
        one.torn.store(false);
        one.begin.store(reinterpret_cast<std::uintptr_t>(pages));
        one.end.store(reinterpret_cast<std::uintptr_t>(pages) + size, std::memory_order_release);
        return &one;
    }
    return nullptr;
}

void release(guarded_region& region) {
    region.end.store(0);
    region.begin.store(0);
    region.taken.store(false, std::memory_order_release);
}

}  // namespace

mapped_file::mapped_file(const file& from, std::uint64_t offset, std::uint64_t length) {
    install_handler();
    const std::uint64_t first = offset / page_bytes * page_bytes;
    pages_size_ = static_cast<std::size_t>((offset - first + length + page_bytes - 1) / page_bytes * page_bytes);
    void* const pages =
        ::mmap(nullptr, pages_size_, PROT_READ, MAP_SHARED, from.descriptor(), static_cast<off_t>(first));
    if (pages == MAP_FAILED) {
        throw std::system_error(errno, std::generic_category(), "cannot map '" + from.path() + "'");
    }
    pages_ = static_cast<char*>(pages);
    guard_ = guard(pages_, pages_size_);
    if (guard_ == nullptr) {
        ::munmap(pages_, pages_size_);
        throw runtime_failure(error{errc::internal, "cannot map '" + from.path() + "': this process has mapped " +
                                                        std::to_string(regions.size()) + " files already."});
    }
    view_ = {pages_ + (offset - first), static_cast<std::size_t>(length)};
    ::madvise(pages_, pages_size_, MADV_SEQUENTIAL);
}

mapped_file::mapped_file(mapped_file&& other) noexcept
    : pages_(std::exchange(other.pages_, nullptr)),
      pages_size_(other.pages_size_),
      view_(std::exchange(other.view_, {})),
      guard_(std::exchange(other.guard_, nullptr)) {}

mapped_file& mapped_file::operator=(mapped_file&& other) noexcept {
    std::swap(pages_, other.pages_);
    std::swap(pages_size_, other.pages_size_);
    std::swap(view_, other.view_);
    std::swap(guard_, other.guard_);
    return *this;
}

mapped_file::~mapped_file() {
    if (pages_ == nullptr) return;
    release(*guard_);
    ::munmap(pages_, pages_size_);
}

bool mapped_file::torn() const noexcept { return guard_ != nullptr && guard_->torn.load(std::memory_order_acquire); }

void mapped_file::prefetch(std::size_t from, std::size_t length) const noexcept {
    if (from >= view_.size()) return;
    const auto begin = (reinterpret_cast<std::uintptr_t>(view_.data()) + from) / page_bytes * page_bytes;
    const auto end = reinterpret_cast<std::uintptr_t>(view_.data()) + from + std::min(length, view_.size() - from);
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_WILLNEED);  // NOLINT: an address within our pages
}

void mapped_file::forget(std::size_t length) const noexcept {
    if (pages_ == nullptr) return;
    const auto end = reinterpret_cast<std::uintptr_t>(view_.data()) + std::min(length, view_.size());
    const auto begin = reinterpret_cast<std::uintptr_t>(pages_);
    ::madvise(pages_, (end - begin) / page_bytes * page_bytes, MADV_DONTNEED);
}

}  // namespace sheaf::detail
