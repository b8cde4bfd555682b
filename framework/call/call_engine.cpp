#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "call/call_end.hpp"
#include "call/callback_thread.hpp"
#include <sheaf/detail/call_engine.hpp>
#include <sheaf/detail/envelope.hpp>

namespace sheaf::detail {
namespace {

using std::chrono::steady_clock;

std::optional<steady_clock::time_point> deadline_of(std::chrono::milliseconds deadline) {
    // Longer than this is meant as for ever, and would overflow the clock.
    constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365 * 100);
    if (deadline > longest) return std::nullopt;
    return steady_clock::now() + deadline;
}

std::uint16_t attempts_of(const call_options& how) {
    return static_cast<std::uint16_t>(std::clamp(how.retry.attempts(), 1U, 0xffffU));
}

runtime::job_request request_for(const raw_call& call, const call_options& how) {
    shared_bytes payload = call.form == wire_form::enveloped ? write_request({.fingerprint = call.fingerprint,
                                                                              .attempts = attempts_of(how),
                                                                              .attempt_timeout = how.attempt_timeout,
                                                                              .heartbeat = how.heartbeat,
                                                                              .pack = call.pack != 0},
                                                                             call.arguments)
                                                             : shared_bytes(call.arguments);
    runtime::job_request request;
    request.function = call.task;
    request.unique = how.unique.key();
    request.payload = std::move(payload);
    request.priority = how.priority;
    request.deadline = deadline_of(how.deadline);
    if (call.until < request.deadline.value_or(steady_clock::time_point::max())) request.deadline = call.until;
    return request;
}

call_terms terms_for(const raw_call& call, const call_options& how) {
    return {.task = std::string(call.task),
            .schema = call.schema,
            .form = call.form,
            .pack = call.pack != 0,
            .attempts = attempts_of(how),
            .deadline = how.deadline};
}

/// One call that is out, as the client's listener for its job.
class out_call : public runtime::job_listener {
  public:
    out_call(call_terms terms, std::shared_ptr<call_engine::listener> hears)
        : terms_(std::move(terms)), hears_(std::move(hears)) {}

    void on_status(std::uint64_t tag, std::uint64_t done, std::uint64_t total) override {
        hears_->on_progress(tag, done, total);
    }
    void on_warning(std::uint64_t tag, const shared_bytes& text) override { hears_->on_warning(tag, text.view()); }
    void on_end(std::uint64_t tag, runtime::job_end end) override {
        hears_->on_result(tag, read_end(std::move(end), terms_));
    }

  protected:
    [[nodiscard]] const call_terms& terms() const noexcept { return terms_; }
    void tell(std::uint64_t tag, raw_result outcome) { hears_->on_result(tag, std::move(outcome)); }

  private:
    call_terms terms_;
    std::shared_ptr<call_engine::listener> hears_;
};

class retried_call;

/// The calls that may be tried again, by the id their callers know them by.
struct retry_table {
    std::mutex mutex;
    std::unordered_map<runtime::call_id, retried_call*> calls;
};

/// A call with more than one attempt. The table's mutex guards what changes.
class retried_call final : public out_call, public std::enable_shared_from_this<retried_call> {
  public:
    retried_call(call_terms terms, std::shared_ptr<call_engine::listener> hears, runtime::job_request request,
                 runtime::client& client, retry_table& table)
        : out_call(std::move(terms), std::move(hears)), request_(std::move(request)), client_(client), table_(table) {}

    runtime::call_id start(std::uint64_t tag) {
        const std::lock_guard lock(table_.mutex);
        first_id_ = current_id_ = client_.submit(request_, shared_from_this(), tag);
        table_.calls.emplace(first_id_, this);
        return first_id_;
    }

    void on_end(std::uint64_t tag, runtime::job_end end) override {
        raw_result outcome = read_end(std::move(end), terms());
        {
            const std::lock_guard lock(table_.mutex);
            if (!outcome && may_try_again(outcome.error(), terms(), tried_) && !cancelled_) {
                current_id_ = client_.submit(request_, shared_from_this(), tag);
                return;
            }
            table_.calls.erase(first_id_);
        }
        tell(tag, std::move(outcome));
    }

    /// With the table's mutex held. Returns what to cancel.
    runtime::call_id give_up() {
        cancelled_ = true;
        return current_id_;
    }

  private:
    runtime::job_request request_;
    runtime::client& client_;
    retry_table& table_;
    runtime::call_id first_id_ = 0;
    runtime::call_id current_id_ = 0;
    unsigned tried_ = 0;
    bool cancelled_ = false;
};

}  // namespace

struct call_engine::state {
    explicit state(std::vector<endpoint> servers) : client({.servers = std::move(servers)}) {}

    std::shared_ptr<callback_thread> callbacks = std::make_shared<callback_thread>();
    retry_table retries;
    // Last, so that it goes first: until it is gone, calls end and look into the table.
    runtime::client client;
};

call_engine::call_engine(std::vector<endpoint> servers) : state_(std::make_unique<state>(std::move(servers))) {}
call_engine::~call_engine() = default;

call_engine::call_id call_engine::submit(const raw_call& call, const call_options& how, std::shared_ptr<listener> hears,
                                         std::uint64_t tag) {
    if (attempts_of(how) == 1) {
        auto out = std::make_shared<out_call>(terms_for(call, how), std::move(hears));
        return state_->client.submit(request_for(call, how), std::move(out), tag);
    }
    const auto out = std::make_shared<retried_call>(terms_for(call, how), std::move(hears), request_for(call, how),
                                                    state_->client, state_->retries);
    return out->start(tag);
}

raw_result call_engine::run(const raw_call& call, const call_options& how) {
    const call_terms terms = terms_for(call, how);
    const runtime::job_request request = request_for(call, how);
    for (unsigned tried = 0;;) {
        raw_result outcome = read_end(state_->client.run(request), terms);
        if (outcome || !may_try_again(outcome.error(), terms, tried)) return outcome;
    }
}

void call_engine::cancel(call_id call) {
    {
        const std::lock_guard lock(state_->retries.mutex);
        if (const auto found = state_->retries.calls.find(call); found != state_->retries.calls.end()) {
            call = found->second->give_up();
        }
    }
    state_->client.cancel(call);
}

std::shared_ptr<callback_thread> call_engine::callbacks() { return state_->callbacks; }
runtime::client& call_engine::client() noexcept { return state_->client; }

}  // namespace sheaf::detail
