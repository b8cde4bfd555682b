#include "apps/import_window.hpp"

#include <algorithm>

namespace sheaf::apps {

bool import_window::enter(std::int64_t row, std::size_t most) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failure_ || out_ < most; });
    if (failure_) return false;
    missing_.insert(row);
    ++out_;
    return true;
}

bool import_window::settle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return out_ == 0; });
    return !failure_;
}

std::int64_t import_window::taken_up_to(std::int64_t last) {
    const std::lock_guard lock(mutex_);
    return missing_.empty() ? last : std::min(last, *missing_.begin() - 1);
}

std::size_t import_window::taken() {
    const std::lock_guard lock(mutex_);
    return taken_;
}

std::optional<error> import_window::failure() {
    const std::lock_guard lock(mutex_);
    return failure_;
}

void import_window::on_end(std::uint64_t tag, runtime::job_end end) {
    const std::lock_guard lock(mutex_);
    --out_;
    if (end.how == runtime::job_end::kind::complete) {
        missing_.erase(static_cast<std::int64_t>(tag));
        ++taken_;
    } else if (!failure_) {
        failure_ = end.how == runtime::job_end::kind::not_run ? end.why : error{errc::job_failed, "it has failed"};
    }
    changed_.notify_all();
}

}  // namespace sheaf::apps
