#include "apps/import_batch.hpp"

#include <utility>

namespace sheaf::apps {
namespace {

using end = import_batch::end;

end end_of(const error& why) {
    switch (why.code) {
        case errc::too_large:
        case errc::invalid_argument: return end::refused;
        case errc::queue_full: return end::full;
        case errc::connection_failed:
        case errc::server_error: return end::not_sent;  // there was no connection, or the server takes nothing now
        default: return end::unsure;
    }
}

}  // namespace

bool import_batch::enter(std::size_t most) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return fault_ || out_ < most; });
    if (fault_) return false;
    ++out_;
    return true;
}

const std::vector<import_batch::outcome>& import_batch::settle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return out_ == 0; });
    return outcomes_;
}

void import_batch::on_end(std::uint64_t tag, runtime::job_end said) {
    const std::lock_guard lock(mutex_);
    outcome& one = outcomes_[static_cast<std::size_t>(tag)];
    --out_;
    if (said.how == runtime::job_end::kind::complete) {
        one.how = end::taken;
    } else {
        one.why = said.how == runtime::job_end::kind::not_run ? std::move(said.why)
                                                              : error{errc::internal, "a background job has an end"};
        one.how = end_of(one.why);
        const bool is_its_own = one.how == end::refused || one.how == end::full;
        if (!is_its_own && !fault_) fault_ = one.why;
    }
    changed_.notify_all();
}

}  // namespace sheaf::apps
