#include <sheaf/detail/attempt_hooks.hpp>
#include <sheaf/runtime/error.hpp>

namespace sheaf::detail {

void check_stop(const std::stop_token& stop) {
    if (stop.stop_requested()) throw runtime_failure(error{errc::cancelled, "the attempt was told to stop"});
}

void progress_gauge::reach(std::uint64_t done) {
    done_ = done;
    if (!hooks_.progress) return;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_ && done_ < total_) return;
    next_ = now + std::chrono::milliseconds(100);
    hooks_.progress(done_, total_);
}

}  // namespace sheaf::detail
