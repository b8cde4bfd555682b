#include "apps/sheafd_signals.hpp"

#include <signal.h>
#include <utility>

namespace sheaf::apps {

signal_waiter::signal_waiter(signal_calls calls) {
    sigset_t awaited;
    ::sigemptyset(&awaited);
    for (const int number : {SIGTERM, SIGINT, SIGUSR1, SIGHUP}) ::sigaddset(&awaited, number);
    ::pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
    waiter_ = std::thread([this, awaited, does = std::move(calls)] {
        for (bool stopping = false;;) {
            int number = 0;
            ::sigwait(&awaited, &number);
            if (over_) return;
            if (number == SIGHUP) {
                does.reopen_log();
            } else if (number == SIGUSR1) {
                does.drain();
            } else {
                std::exchange(stopping, true) ? does.stop_now() : does.stop();
            }
        }
    });
}

signal_waiter::~signal_waiter() {
    over_ = true;
    ::pthread_kill(waiter_.native_handle(), SIGTERM);
    waiter_.join();
}

}  // namespace sheaf::apps
