#include "cluster/periodic_threads.hpp"

#include <cstdio>
#include <exception>
#include <utility>

namespace sheaf::detail {

periodic_threads::periodic_threads(std::string program, const std::vector<periodic_work>& what)
    : program_(std::move(program)) {
    for (const periodic_work& one : what) threads_.emplace_back([this, one] { repeat(one); });
}

periodic_threads::~periodic_threads() { stop(); }

void periodic_threads::stop() {
    const std::lock_guard lock(door_);
    stopped_ = true;
    stopping_.notify_all();
}

void periodic_threads::repeat(const periodic_work& what) {
    std::unique_lock lock(door_);
    while (!stopping_.wait_for(lock, what.period, [this] { return stopped_; })) {
        lock.unlock();
        try {
            what.run();
        } catch (const std::exception& why) {
            std::fprintf(stderr, "%s: periodic work has failed, and is tried again: %s\n", program_.c_str(),
                         why.what());
        } catch (...) {
            std::fprintf(stderr, "%s: periodic work has failed, and is tried again\n", program_.c_str());
        }
        lock.lock();
    }
}

}  // namespace sheaf::detail
