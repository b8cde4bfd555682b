#include "scatter/scatter_inbox.hpp"

#include <algorithm>

namespace sheaf::detail {
namespace {

std::size_t place_of(std::uint64_t tag) { return static_cast<std::uint32_t>(tag); }

}  // namespace

void scatter_inbox::on_result(std::uint64_t tag, raw_result outcome) {
    std::function<void()> tell;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return;
        places_[place_of(tag)].out = false;
        landed_.push_back({tag, std::move(outcome)});
        if (waits_ && landed_.size() == 1) arrived_.notify_one();
        tell.swap(when_landed_);
    }
    if (tell) tell();
}

void scatter_inbox::when_landed(std::function<void()> run) {
    {
        const std::lock_guard lock(mutex_);
        if (landed_.empty()) {
            when_landed_ = std::move(run);
            return;
        }
    }
    run();
}

void scatter_inbox::on_progress(std::uint64_t tag, std::uint64_t done, std::uint64_t total) {
    const std::lock_guard lock(mutex_);
    place& at = places_[place_of(tag)];
    if (closed_ || !at.out || at.tag != tag || total == 0) return;
    at.share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
}

call_sender::call_id scatter_inbox::call_of(std::uint64_t tag) {
    const std::lock_guard lock(mutex_);
    const place& at = places_[place_of(tag)];
    return at.out && at.tag == tag ? at.call : 0;
}

std::vector<std::pair<std::uint64_t, double>> scatter_inbox::shares() {
    const std::lock_guard lock(mutex_);
    std::vector<std::pair<std::uint64_t, double>> all;
    for (const place& one : places_) {
        if (one.out && one.share > 0) all.emplace_back(one.tag, one.share);
    }
    return all;
}

void scatter_inbox::sending(std::uint64_t tag) {
    const std::lock_guard lock(mutex_);
    if (place_of(tag) >= places_.size()) places_.resize(place_of(tag) + 1);
    places_[place_of(tag)] = {.tag = tag, .out = true};
}

bool scatter_inbox::sent(std::uint64_t tag, call_sender::call_id call) {
    const std::lock_guard lock(mutex_);
    place& at = places_[place_of(tag)];
    if (!at.out || at.tag != tag) return true;  // it has landed already
    at.call = call;
    return !stopped_;
}

void scatter_inbox::take(std::vector<landed_job>& to, time_point until) {
    std::unique_lock lock(mutex_);
    const auto something = [this] { return !landed_.empty(); };
    if (!something() && until != time_point::min()) {
        waits_ = true;
        if (until == time_point::max()) {
            arrived_.wait(lock, something);
        } else {
            arrived_.wait_until(lock, until, something);
        }
        waits_ = false;
    }
    to.swap(landed_);
}

std::vector<call_sender::call_id> scatter_inbox::stop() {
    const std::lock_guard lock(mutex_);
    std::vector<call_sender::call_id> out;
    if (stopped_) return out;
    stopped_ = true;
    for (const place& one : places_) {
        if (one.out && one.call != 0) out.push_back(one.call);
    }
    return out;
}

void scatter_inbox::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    landed_.clear();
    when_landed_ = nullptr;
}

}  // namespace sheaf::detail
