#include "cluster/slot_board.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>
#include <linux/futex.h>
#include <new>
#include <random>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>
#include <xxhash.h>

#include "base/assert.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::detail {
namespace {

constexpr std::uint64_t magic = 0x3364'7262'6661'6873;  // changes with the layout
constexpr std::size_t losses_max = 256;
constexpr std::chrono::nanoseconds look_again = std::chrono::milliseconds(20);

// Several handler threads write their slots at once: a cache line each.
struct alignas(64) slot_record {
    std::atomic<job_hash> job;
    std::atomic<pid_t> pid;
};

// `job` is written last and read first and last: who finds the same hash twice has read what belongs to it.
struct loss_record {
    std::atomic<job_hash> job;
    std::atomic<pid_t> pid;
    std::atomic<int> signal;
    std::atomic<int> exit_code;
    std::atomic<unsigned> count;
};

// Apart from the records, which are searched for every job after the first loss.
struct loss_text {
    static constexpr std::size_t words_max = loss_text_max / sizeof(std::uint64_t);
    std::atomic<std::uint32_t> size;
    std::atomic<std::uint64_t> words[words_max];

    void write(std::string_view text) noexcept {
        text = text.substr(0, loss_text_max);
        size.store(static_cast<std::uint32_t>(text.size()), std::memory_order_release);
        for (std::size_t i = 0; i * sizeof(std::uint64_t) < text.size(); ++i) {
            const std::string_view part = text.substr(i * sizeof(std::uint64_t), sizeof(std::uint64_t));
            std::uint64_t word = 0;
            std::memcpy(&word, part.data(), part.size());
            words[i].store(word, std::memory_order_release);
        }
    }
    [[nodiscard]] std::string read() const {
        std::string text(std::min<std::size_t>(size.load(std::memory_order_acquire), loss_text_max), '\0');
        for (std::size_t at = 0; at < text.size(); at += sizeof(std::uint64_t)) {
            const std::uint64_t word = words[at / sizeof(std::uint64_t)].load(std::memory_order_acquire);
            std::memcpy(text.data() + at, &word, std::min(sizeof word, text.size() - at));
        }
        return text;
    }
};

// The account is the first line.
std::string text_of(const loss& what) {
    std::string text = what.account;
    for (const std::string& line : what.last_lines) text += '\n' + line;
    return text;
}
void read_text(std::string_view text, loss& into) {
    into.account = text.substr(0, text.find('\n'));
    text.remove_prefix(into.account.size());
    while (!text.empty()) {
        text.remove_prefix(1);
        const std::string_view line = text.substr(0, text.find('\n'));
        into.last_lines.emplace_back(line);
        text.remove_prefix(line.size());
    }
}

static_assert(std::atomic<job_hash>::is_always_lock_free && std::atomic<pid_t>::is_always_lock_free,
              "atomics with locks do not work between processes");

[[noreturn]] void fail(const char* what) {
    throw runtime_failure({errc::io_error, std::string(what) + ": " + std::generic_category().message(errno)});
}

}  // namespace

struct alignas(64) slot_board::layout {
    std::uint64_t magic;
    std::uint64_t slots;
    std::uint64_t all_slots;
    std::uint64_t nonce;
    std::atomic<std::uint32_t>
        lent_claims;                      // at least as many as there are in lent slots: mostly 0, which spares a look
    std::atomic<std::uint32_t> verdicts;  // counts record_loss() and release(); a futex between processes
    std::atomic<std::uint32_t> losses_seen;  // 0: nobody has ever died, there is nothing to look for
    std::atomic<std::uint32_t> next_loss;    // which loss is overwritten next; only the supervisor's
    loss_record losses[losses_max];
    loss_text texts[losses_max];

    // The slots follow the layout, as many as there are.
    [[nodiscard]] slot_record& slot(std::size_t index) noexcept {
        return reinterpret_cast<slot_record*>(this + 1)[index];  // NOLINT: memory from mmap
    }
};

job_hash hash_job(std::string_view server, std::string_view handle, std::string_view payload) {
    const std::uint64_t of_server = XXH3_64bits(server.data(), server.size());
    const std::uint64_t of_handle = XXH3_64bits_withSeed(handle.data(), handle.size(), of_server);
    const std::uint64_t hash = XXH3_64bits_withSeed(payload.data(), payload.size(), of_handle);
    return hash == 0 ? 1 : hash;
}

slot_board slot_board::create(std::size_t processes, std::size_t slots_each) {
    const std::size_t slots = processes * slots_each;
    SHEAF_ASSERT(slots > 0 && slots <= slots_max, "a board has a sensible number of slots");
    const std::size_t all = slots + processes * lent_slots_max;
    unique_fd memory(::memfd_create("sheaf slots", MFD_CLOEXEC));
    const std::size_t bytes = sizeof(layout) + all * sizeof(slot_record);
    if (!memory || ::ftruncate(memory.get(), static_cast<off_t>(bytes)) != 0) fail("no shared memory for workers");
    slot_board board(std::move(memory), slots, all, bytes);  // all zero, which every atomic here takes as its value
    board.page_->slots = slots;
    board.page_->all_slots = all;
    std::random_device random;
    board.page_->nonce = (std::uint64_t{random()} << 32) | random();
    board.page_->magic = magic;
    return board;
}

slot_board slot_board::attach(unique_fd descriptor) {
    struct stat of {};
    if (::fstat(descriptor.get(), &of) != 0) fail("the shared memory of the supervisor cannot be read");
    const auto bytes = static_cast<std::size_t>(of.st_size);
    if (bytes < sizeof(layout)) throw runtime_failure({errc::malformed, "the supervisor's shared memory is too small"});
    slot_board board(std::move(descriptor), 0, 0, bytes);
    const std::uint64_t slots = board.page_->slots;
    const std::uint64_t all = board.page_->all_slots;
    if (board.page_->magic != magic || slots > slots_max || all < slots || all > slots * (lent_slots_max + 1) ||
        bytes < sizeof(layout) + all * sizeof(slot_record)) {
        throw runtime_failure({errc::malformed,
                               "the supervisor's shared memory has another layout: was this program built with "
                               "another version of Sheaf than its supervisor?"});
    }
    board.slots_ = slots;
    board.all_ = all;
    return board;
}

slot_board::slot_board(unique_fd descriptor, std::size_t slots, std::size_t all, std::size_t bytes)
    : descriptor_(std::move(descriptor)), slots_(slots), all_(all), bytes_(bytes) {
    void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_.get(), 0);
    if (memory == MAP_FAILED) fail("the shared memory of the workers cannot be mapped");
    page_ = static_cast<layout*>(memory);
}

slot_board::slot_board(slot_board&& other) noexcept
    : descriptor_(std::move(other.descriptor_)),
      slots_(other.slots_),
      all_(other.all_),
      bytes_(other.bytes_),
      page_(std::exchange(other.page_, nullptr)) {}

slot_board& slot_board::operator=(slot_board&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(slots_, other.slots_);
    std::swap(all_, other.all_);
    std::swap(bytes_, other.bytes_);
    std::swap(page_, other.page_);
    return *this;
}

slot_board::~slot_board() {
    if (page_ != nullptr) ::munmap(page_, bytes_);
}

std::uint64_t slot_board::nonce() const noexcept { return page_->nonce; }

void slot_board::claim(std::size_t slot, job_hash job) noexcept {
    SHEAF_ASSERT(slot < all_, "a worker stays within its slots");
    if (slot >= slots_) page_->lent_claims.fetch_add(1);
    page_->slot(slot).pid.store(::getpid(), std::memory_order_relaxed);
    page_->slot(slot).job.store(job, std::memory_order_release);
}

void slot_board::release(std::size_t slot) noexcept {
    SHEAF_ASSERT(slot < all_, "a worker stays within its slots");
    if (slot < slots_) return page_->slot(slot).job.store(0, std::memory_order_release);
    if (page_->slot(slot).job.exchange(0, std::memory_order_acq_rel) != 0) page_->lent_claims.fetch_sub(1);
}

bool slot_board::claimed_elsewhere(job_hash job) const noexcept {
    return is_claimed_elsewhere(job, 0, slots_) ||
           (page_->lent_claims.load() != 0 && is_claimed_elsewhere(job, slots_, all_));
}

bool slot_board::is_claimed_elsewhere(job_hash job, std::size_t first, std::size_t end) const noexcept {
    for (std::size_t i = first; i < end; ++i) {
        const slot_record& one = page_->slot(i);
        if (one.job.load(std::memory_order_acquire) == job && one.pid.load(std::memory_order_relaxed) != ::getpid()) {
            return true;
        }
    }
    return false;
}

bool slot_board::await_verdict(job_hash job, std::chrono::milliseconds limit) const {
    const auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const std::uint32_t seen = page_->verdicts.load(std::memory_order_acquire);
        if (!claimed_elsewhere(job)) return true;
        const std::chrono::nanoseconds left = until - std::chrono::steady_clock::now();
        if (left <= left.zero()) return false;
        // A sibling that lives and lets go of the job does not wake anybody: it would cost a system call per job.
        const timespec timeout{0, std::min(left, look_again).count()};
        ::syscall(SYS_futex, &page_->verdicts, FUTEX_WAIT, seen, &timeout, nullptr, 0);
    }
}

std::optional<loss> slot_board::find_loss(job_hash job) const {
    if (page_->losses_seen.load(std::memory_order_acquire) == 0) return std::nullopt;
    for (std::size_t i = 0; i < losses_max; ++i) {
        const loss_record& one = page_->losses[i];
        if (one.job.load(std::memory_order_acquire) != job) continue;
        loss found{.pid = one.pid.load(std::memory_order_acquire),
                   .signal = one.signal.load(std::memory_order_acquire),
                   .exit_code = one.exit_code.load(std::memory_order_acquire),
                   .count = one.count.load(std::memory_order_acquire)};
        read_text(page_->texts[i].read(), found);
        if (one.job.load(std::memory_order_acquire) == job) return found;
    }
    return std::nullopt;
}

void slot_board::forget_loss(job_hash job) noexcept {
    if (page_->losses_seen.load(std::memory_order_acquire) == 0) return;
    for (loss_record& one : page_->losses) {
        job_hash expected = job;
        if (one.job.compare_exchange_strong(expected, 0, std::memory_order_acq_rel)) return;
    }
}

std::optional<loss> slot_board::record_loss(std::size_t slot, const loss& how) {
    SHEAF_ASSERT(slot < all_, "a supervisor stays within its slots");
    const job_hash job = page_->slot(slot).job.load(std::memory_order_acquire);
    if (job == 0) return std::nullopt;

    loss recorded = how;
    recorded.count = 1;
    if (const auto before = find_loss(job)) recorded.count = before->count + 1;
    forget_loss(job);
    const std::size_t next = page_->next_loss.fetch_add(1, std::memory_order_relaxed) % losses_max;
    loss_record& place = page_->losses[next];
    place.job.store(0, std::memory_order_release);
    place.pid.store(recorded.pid, std::memory_order_release);
    place.signal.store(recorded.signal, std::memory_order_release);
    place.exit_code.store(recorded.exit_code, std::memory_order_release);
    place.count.store(recorded.count, std::memory_order_release);
    page_->texts[next].write(text_of(recorded));
    place.job.store(job, std::memory_order_release);
    page_->losses_seen.fetch_add(1, std::memory_order_release);

    release(slot);
    page_->verdicts.fetch_add(1, std::memory_order_release);
    ::syscall(SYS_futex, &page_->verdicts, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
    return recorded;
}

}  // namespace sheaf::detail
