#include "cluster/job_invocation.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <unistd.h>

#include "cluster/background_attempt.hpp"
#include "cluster/slot_board.hpp"
#include <sheaf/cluster.hpp>
#include <sheaf/detail/envelope.hpp>

namespace sheaf::detail {
namespace {

std::string too_many_wait() {
    return std::to_string(lent_slots_max) +
           " handlers of this worker process wait for calls of their own already, and this one would wait for a slot "
           "that "
           "none of them gives back. Make the calls within calls less deep or fewer at a time, or start more workers";
}

}  // namespace

job_invocation::job_invocation(runtime::assignment& job, const binding& task, unsigned attempt, bool background,
                               std::chrono::milliseconds limit, const handler_services& services, slot_limit* place)
    : job_(job),
      task_(task),
      attempt_(attempt),
      background_(background),
      until_(limit.count() > 0 ? clock::now() + limit : clock::time_point::max()),
      services_(services),
      place_(place) {}

// Few handlers ask, so the others do not wait for the answer.
unsigned job_invocation::attempt() const {
    if (!background_ || !services_.own_cluster) return attempt_;
    std::call_once(asked_, [this] {
        const auto counted = ask_attempt(services_.own_cluster().engine().client(), job_.server(), job_.handle());
        attempt_ = std::max(attempt_, counted.value_or(0));
    });
    return attempt_;
}

void job_invocation::progress(std::uint64_t done, std::uint64_t total) {
    const auto now = clock::now();
    auto next = next_progress_.load(std::memory_order_relaxed);
    const bool is_due = now.time_since_epoch().count() >= next;
    if (!is_due && done < total) return;
    const auto after = (now + progress_period).time_since_epoch().count();
    // Of several threads that find it due, one sends.
    if (!next_progress_.compare_exchange_strong(next, after, std::memory_order_relaxed) && done < total) return;
    job_.send_status(done, total);
}

void job_invocation::log(std::string_view line) {
    std::fprintf(stderr, "%s[%d]: %s %.*s: %.*s\n", services_.program.c_str(), ::getpid(), task_.name.c_str(),
                 static_cast<int>(job_.handle().size()), job_.handle().data(), static_cast<int>(line.size()),
                 line.data());
}

void job_invocation::send_chunk(std::string_view encoded) {
    job_.send_data(write_chunk(chunks_sent_++, encoded).view());
}

void job_invocation::lend_slot() {
    if (!job_.lend_slot()) {
        throw would_deadlock({.code = errc::would_deadlock, .message = too_many_wait(), .task = task_.name});
    }
    if (place_ != nullptr) place_->leave();
}

void job_invocation::take_slot_back() noexcept {
    if (place_ != nullptr) place_->enter();
    job_.take_slot_back();
}

std::optional<std::chrono::milliseconds> job_invocation::time_left() const {
    if (until_ == clock::time_point::max()) return std::nullopt;
    const auto left = std::chrono::floor<std::chrono::milliseconds>(until_ - clock::now());
    return std::max(left, std::chrono::milliseconds(0));
}

void* job_invocation::state(const void* key) {
    void* const found = services_.state ? services_.state(job_.slot(), key) : nullptr;
    return found != nullptr ? found : invocation::state(key);
}

sheaf::cluster& job_invocation::own_cluster() {
    return services_.own_cluster ? services_.own_cluster() : invocation::own_cluster();
}

}  // namespace sheaf::detail
