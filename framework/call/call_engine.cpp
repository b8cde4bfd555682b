#include <optional>
#include <utility>

#include "call/call_shell.hpp"
#include "call/callback_thread.hpp"
#include <sheaf/detail/binding.hpp>
#include <sheaf/detail/call_engine.hpp>
#include <sheaf/detail/handler_thread.hpp>

namespace sheaf::detail {
namespace {

/// Waits for the end of one call.
class one_result final : public call_sender::listener {
  public:
    explicit one_result(runtime::client& client) : visit_(client) {}
    void on_result(std::uint64_t /*tag*/, raw_result outcome) override {
        outcome_.emplace(std::move(outcome));
        visit_.arrived();
    }
    [[nodiscard]] raw_result wait() {
        visit_.wait();
        return *std::move(outcome_);
    }

  private:
    std::optional<raw_result> outcome_;
    runtime::client_visit visit_;
};

}  // namespace

struct call_engine::state {
    explicit state(std::vector<endpoint> servers) : shell(std::move(servers)) {}

    /// Ends what is out, and calls back with it.
    template <class Owner>
    static void end(Owner which) {
        const auto callbacks = which->callbacks;
        which->shell.close();
        which.reset();
        callbacks->finish();  // all that could be called back with is there now
    }

    std::shared_ptr<callback_thread> callbacks = std::make_shared<callback_thread>();
    call_shell shell;
};

call_engine::call_engine(std::vector<endpoint> servers) : state_(std::make_unique<state>(std::move(servers))) {}

call_engine::~call_engine() {
    if (!state_->shell.is_own_thread()) {
        state::end(std::move(state_));
        return;
    }
    // A listener was the last to hold it. The client's thread cannot end itself.
    const auto callbacks = state_->callbacks;
    callbacks->post([left = std::shared_ptr<state>(std::move(state_))]() mutable { state::end(std::move(left)); });
}

// What a handler calls is of no use to anybody when the handler should stop, unless it says otherwise.
call_engine::call_id call_engine::submit(const raw_call& call, const call_options& how, std::shared_ptr<listener> hears,
                                         std::uint64_t tag) {
    const invocation* const handler = current_invocation();
    if (handler != nullptr && !how.stop.stop_possible()) {
        call_options within = how;
        within.stop = handler->stop_token();
        return state_->shell.submit(call, within, std::move(hears), tag);
    }
    return state_->shell.submit(call, how, std::move(hears), tag);
}

raw_result call_engine::run(const raw_call& call, const call_options& how) {
    try {
        const lent_slot lent;
        one_result waiter(client());
        // Not owned: it is told exactly once, and waited for.
        submit(call, how, std::shared_ptr<listener>(std::shared_ptr<void>(), &waiter), 0);
        return waiter.wait();
    } catch (const would_deadlock& here) {
        return here.why();
    }
}

void call_engine::cancel(call_id call) { state_->shell.cancel(call); }
void call_engine::cancel_all() { state_->shell.cancel_all(); }
std::shared_ptr<callback_thread> call_engine::callbacks() { return state_->callbacks; }
runtime::client& call_engine::client() noexcept { return state_->shell.client(); }

}  // namespace sheaf::detail
