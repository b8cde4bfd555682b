#include <utility>

#include <sheaf/detail/chunk_inbox.hpp>
#include <sheaf/detail/handler_thread.hpp>

namespace sheaf::detail {
namespace {

// A chunk that waits takes up more than its own bytes.
std::size_t cost_of(const shared_bytes& chunk) { return chunk.size() + 2 * sizeof chunk; }

}  // namespace

std::shared_ptr<chunk_inbox> chunk_inbox::submit(const std::shared_ptr<call_sender>& through, const raw_call& call,
                                                 const call_options& how, std::size_t bytes_max) {
    auto made = std::make_shared<chunk_inbox>(through, std::string(call.task), bytes_max);
    const auto id = through->submit(call, how, made, 0);
    const std::lock_guard lock(made->mutex_);
    made->id_ = id;
    return made;
}

void chunk_inbox::on_chunk(std::uint64_t /*tag*/, shared_bytes chunk) {
    bool is_too_much = false;
    {
        const std::lock_guard lock(mutex_);
        if (problem_) return;
        is_too_much = bytes_ + cost_of(chunk) > bytes_max_;
        if (is_too_much) {
            problem_ = failure{.code = errc::too_large,
                               .message = "more than " + std::to_string(bytes_max_) +
                                          " bytes of the stream waited to be read. Read it faster, or give "
                                          "cluster.stream() a larger buffer",
                               .task = task_};
        } else {
            bytes_ += cost_of(chunk);
            chunks_.push_back(std::move(chunk));
        }
        arrived_.notify_one();
    }
    if (is_too_much) cancel();
}

void chunk_inbox::on_result(std::uint64_t /*tag*/, raw_result outcome) {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    if (!outcome && !problem_) problem_ = std::move(outcome).error();
    arrived_.notify_one();
}

std::optional<shared_bytes> chunk_inbox::next() {
    const lent_slot lent;
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !chunks_.empty() || ended_ || problem_; });
    if (chunks_.empty()) return std::nullopt;
    shared_bytes first = std::move(chunks_.front());
    chunks_.pop_front();
    bytes_ -= cost_of(first);
    return first;
}

std::optional<failure> chunk_inbox::problem() {
    const std::lock_guard lock(mutex_);
    return problem_;
}

void chunk_inbox::cancel() {
    call_sender::call_id id = 0;
    {
        const std::lock_guard lock(mutex_);
        id = id_;
    }
    if (const auto sender = through_.lock()) sender->cancel(id);
}

}  // namespace sheaf::detail
