#include "client/helm.hpp"

#include <algorithm>
#include <utility>

namespace sheaf::runtime {

using steady_clock = std::chrono::steady_clock;

// ---- The own thread.

void helm::run() {
    for (;;) {
        driver_ = std::this_thread::get_id();
        loop_.run();
        if (!std::exchange(yields_, false)) return;
        std::unique_lock lock(door_);
        loop_.restart();
        if (guests_.size() != 1) continue;
        driver_ = std::thread::id{};
        guests_.front()->begin_to_lead();
        guests_.front()->news_.notify_one();
        rest(lock);
    }
}

// A guest that has led for longer than alone_max calls when it leaves; from others nothing is heard, since calling costs as
// much as the guest has saved. So this thread looks by itself, but not while one and the same guest leads.
void helm::rest(std::unique_lock<std::mutex>& lock) {
    const auto is_called = [this] { return is_needed_ && who_ == driver::nobody; };
    for (;;) {
        const std::uint64_t before = visits_;
        const bool called = needed_.wait_for(lock, alone_max, is_called);
        if (!called && visits_ != before) continue;
        if (who_ == driver::guest) needed_.wait(lock, is_called);
        if (who_ == driver::nobody) break;
    }
    is_needed_ = false;
    who_ = driver::own;
}

void helm::offer() {
    const bool is_own = guests_count_.load() == 1 && ask_.is_lone();
    lone_turns_ = is_own ? lone_turns_ + 1 : 0;
    if (lone_turns_ < lone_turns_wanted) return;
    lone_turns_ = 0;
    yields_ = true;
    loop_.stop();
}

// ---- Any thread.

void helm::call() {
    const std::lock_guard lock(door_);
    if (who_ != driver::nobody) return;
    is_needed_ = true;
    needed_.notify_one();
}

void helm::wait_until_left() {
    std::unique_lock lock(door_);
    left_.wait(lock, [this] { return guests_.empty(); });
}

// ---- Guests.

helm::visit::visit(helm& at) : helm_(at) {
    const std::lock_guard lock(helm_.door_);
    helm_.guests_.push_back(this);
    ++helm_.guests_count_;
    if (helm_.who_ != driver::nobody) return;
    begin_to_lead();
    helm_.is_about_to_wait_ = true;
    helm_.driver_ = std::this_thread::get_id();
}

helm::visit::~visit() {
    if (helm_.is_here()) helm_.begin();
    const std::lock_guard lock(helm_.door_);
    if (leads_) stop_leading();
    std::erase(helm_.guests_, this);
    --helm_.guests_count_;
    if (helm_.guests_.empty()) helm_.left_.notify_all();  // under the lock: then the helm may go
}

void helm::visit::begin_to_lead() {
    leads_ = true;
    helm_.who_ = driver::guest;
    ++helm_.visits_;
    began_ = steady_clock::now();
}

void helm::visit::stop_leading() {
    leads_ = false;
    helm_.driver_ = std::thread::id{};
    helm_.who_ = driver::nobody;
    if (!helm_.ask_.has_work() && steady_clock::now() - began_ < alone_max) return;
    helm_.is_needed_ = true;
    helm_.needed_.notify_one();
}

void helm::begin() {
    if (std::exchange(is_about_to_wait_, false)) ask_.begin();
}

void helm::visit::wait() {
    for (;;) {
        {
            std::unique_lock lock(helm_.door_);
            news_.wait(lock, [this] { return leads_ || there_; });
            if (there_) return;
            helm_.driver_ = std::this_thread::get_id();
        }
        steer();
    }
}

// Until it is there, or somebody else needs the loop.
void helm::visit::steer() {
    helm_.begin();
    while (!there_) {
        const auto begin = steady_clock::now();
        helm_.loop_.run_one(helm_.awake_.next());
        helm_.awake_.came(steady_clock::now() - begin);
        if (there_ || helm_.ask_.is_lone()) continue;
        const std::lock_guard lock(helm_.door_);
        return stop_leading();
    }
}

void helm::visit::arrived() {
    const std::lock_guard lock(helm_.door_);
    there_ = true;
    if (!leads_) news_.notify_one();  // under the lock: who waits may destroy this as soon as it is free
}

}  // namespace sheaf::runtime
