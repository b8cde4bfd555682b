#include "apps/sheafd_signals.hpp"

#include <signal.h>
#include <utility>

namespace sheaf::apps {

stop_signals::stop_signals(std::function<void()> stop, std::function<void()> stop_now) {
    sigset_t awaited;
    ::sigemptyset(&awaited);
    ::sigaddset(&awaited, SIGTERM);
    ::sigaddset(&awaited, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
    waiter_ = std::thread([this, awaited, first = std::move(stop), further = std::move(stop_now)] {
        for (bool stopping = false;; stopping = true) {
            int number = 0;
            ::sigwait(&awaited, &number);
            if (over_) return;
            stopping ? further() : first();
        }
    });
}

stop_signals::~stop_signals() {
    over_ = true;
    ::pthread_kill(waiter_.native_handle(), SIGTERM);
    waiter_.join();
}

}  // namespace sheaf::apps
