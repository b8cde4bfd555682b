#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <sheaf/detail/scatter_board.hpp>

namespace sheaf::detail {

class scatter_board::inbox final : public call_sender::listener {
  public:
    void on_result(std::uint64_t tag, raw_result outcome) override {
        const std::lock_guard lock(mutex_);
        if (closed_) return;
        landed_.emplace_back(static_cast<std::size_t>(tag), std::move(outcome));
        if (landed_.size() == 1) arrived_.notify_one();
    }

    /// Moves everything that has landed to `to`, which is empty; waits for something if `wait`.
    void take(std::vector<std::pair<std::size_t, raw_result>>& to, bool wait) {
        std::unique_lock lock(mutex_);
        if (wait) arrived_.wait(lock, [this] { return !landed_.empty(); });
        to.swap(landed_);
    }

    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        landed_.clear();
    }

  private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<std::pair<std::size_t, raw_result>> landed_;
    bool closed_ = false;
};

scatter_board::scatter_board(std::shared_ptr<call_sender> through, std::size_t window)
    : through_(std::move(through)), inbox_(std::make_shared<inbox>()), window_(window) {}

scatter_board::~scatter_board() {
    inbox_->close();
    cancel();
}

bool scatter_board::should_fill() {
    if (at_hand_.empty()) {
        inbox_->take(at_hand_, false);
        std::reverse(at_hand_.begin(), at_hand_.end());
    }
    return window_.should_fill(!at_hand_.empty());
}

void scatter_board::send(const raw_call& call, const call_options& how) {
    if (free_slots_.empty()) {
        free_slots_.push_back(slots_.size());
        slots_.emplace_back();
    }
    const std::size_t place = free_slots_.back();
    const auto id = through_->submit(call, how, inbox_, place);
    free_slots_.pop_back();
    slots_[place] = {.index = next_index_++, .call = id, .out = true};
    window_.sent();
}

std::optional<landed_call> scatter_board::next() {
    if (window_.held() == 0) return std::nullopt;
    if (at_hand_.empty()) {
        inbox_->take(at_hand_, true);
        std::reverse(at_hand_.begin(), at_hand_.end());
    }
    auto [place, outcome] = std::move(at_hand_.back());
    at_hand_.pop_back();
    slots_[place].out = false;
    free_slots_.push_back(place);
    window_.handed_out();
    return landed_call{.index = slots_[place].index, .outcome = std::move(outcome)};
}

void scatter_board::cancel() {
    for (const slot& one : slots_) {
        if (one.out) through_->cancel(one.call);
    }
}

}  // namespace sheaf::detail
