#include "client/task_set_core.hpp"

#include <exception>
#include <utility>

namespace sheaf::runtime {
namespace {

template <class... Parameters, class... Arguments>
void tell(const std::function<void(Parameters...)>& whom, const Arguments&... what) {
    if (whom) whom(what...);
}

}  // namespace

std::size_t task_set_core::add(job_request request, task_callbacks callbacks) {
    tasks_.push_back({std::move(request), std::move(callbacks)});
    ++open_;
    submit_more();
    return tasks_.size() - 1;
}

void task_set_core::submit_more() {
    for (; next_ < tasks_.size() && (window_ == 0 || sent_ < window_); ++next_) {
        entry& one = tasks_[next_];
        if (one.outcome.has_ended) continue;
        one.is_out = true;
        ++sent_;
        out_.submit(next_, std::exchange(one.request, {}));
    }
}

void task_set_core::apply(const task_event& event) {
    entry& one = tasks_[event.task];
    task_outcome& known = one.outcome;
    if (known.has_ended) return;
    switch (event.what) {
        case task_event::kind::created: known.handle = event.handle; return tell(one.tell.on_created, event.handle);
        case task_event::kind::data:
            if (!one.tell.on_data) known.data.push_back(event.data);
            return tell(one.tell.on_data, event.data);
        case task_event::kind::warning: return tell(one.tell.on_warning, event.data);
        case task_event::kind::status:
            known.numerator = event.numerator;
            known.denominator = event.denominator;
            return tell(one.tell.on_status, event.numerator, event.denominator);
        case task_event::kind::retry:
            known.retries = event.retry;
            known.numerator = known.denominator = 0;
            known.data.clear();
            return tell(one.tell.on_retry, event.retry, event.end);
        case task_event::kind::end: return on_end(one, event.end);
    }
}

// The callback comes last: it may throw.
void task_set_core::on_end(entry& one, const job_end& how) {
    one.outcome.has_ended = true;
    one.outcome.end = how;
    --open_;
    if (std::exchange(one.is_out, false)) --sent_;
    if (how.how == job_end::kind::complete) ++complete_;
    submit_more();
    if (how.how == job_end::kind::complete) return tell(one.tell.on_complete, how.data);
    if (how.how == job_end::kind::exception && one.tell.on_exception) return one.tell.on_exception(how.data);
    tell(one.tell.on_fail, how);
}

void task_set_core::end_all(const error& why) {
    std::exception_ptr thrown;
    const std::size_t next = std::exchange(next_, tasks_.size());  // none of them is submitted in another's place
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
        entry& one = tasks_[i];
        if (one.outcome.has_ended) continue;
        if (i < next) out_.cancel(i);
        try {
            on_end(one, {job_end::kind::not_run, {}, why});
        } catch (...) {
            if (thrown == nullptr) thrown = std::current_exception();
        }
    }
    if (thrown != nullptr) std::rethrow_exception(thrown);
}

}  // namespace sheaf::runtime
