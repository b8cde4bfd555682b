#include "sheaf/runtime/server.hpp"

#include <signal.h>
#include <thread>
#include <utility>

#include "base/assert.hpp"
#include "server/hub.hpp"

namespace sheaf::runtime {
namespace {

// Signals are the program's: its handlers must not run on a thread that it does not know of.
class signals_blocked {
  public:
    signals_blocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

}  // namespace

struct server::shell {
    explicit shell(const server_options& how) : hub(how) {}

    sheaf::server::hub hub;
    std::thread thread;
    bool used = false;
};

// The queue has a thread of its own.
server::server(server_options how) {
    const signals_blocked here;
    shell_ = std::make_unique<shell>(how);
}

server::~server() {
    stop_now();
    wait();
}

const std::vector<endpoint>& server::endpoints() const noexcept { return shell_->hub.endpoints(); }

const std::vector<endpoint>& server::http_endpoints() const noexcept { return shell_->hub.http_endpoints(); }

void server::start() {
    SHEAF_ASSERT(!std::exchange(shell_->used, true), "a server is started once");
    const signals_blocked here;
    shell_->thread = std::thread([this] { shell_->hub.run(); });
}

void server::run() {
    SHEAF_ASSERT(!std::exchange(shell_->used, true), "a server is started once");
    shell_->hub.run();
}

void server::stop() { shell_->hub.request_stop(); }

void server::drain() { shell_->hub.request_drain(); }

void server::stop_now() { shell_->hub.request_stop_now(); }

void server::wait() {
    if (shell_->thread.joinable()) shell_->thread.join();
}

std::string_view version() noexcept { return SHEAF_VERSION; }

}  // namespace sheaf::runtime
