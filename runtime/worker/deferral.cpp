#include "worker/deferral.hpp"

#include <utility>

namespace sheaf::runtime {
namespace {

class owned_deferral final : public deferred_job {
  public:
    explicit owned_deferral(std::shared_ptr<deferral> what) : state_(std::move(what)) {}
    ~owned_deferral() override {
        (void)state_->end(job_answer::exception(
            shared_bytes(std::string_view("the job was deferred, and given up before anybody had ended it"))));
    }
    owned_deferral(const owned_deferral&) = delete;
    owned_deferral& operator=(const owned_deferral&) = delete;

    std::string_view handle() const noexcept override { return state_->handle; }
    std::string_view function() const noexcept override { return state_->function; }
    std::string_view unique() const noexcept override { return state_->unique; }
    const shared_bytes& payload() const noexcept override { return state_->payload; }
    void send_data(std::string_view data) override { say(job_report::kind::data, data); }
    void send_warning(std::string_view data) override { say(job_report::kind::warning, data); }
    void send_status(std::uint64_t numerator, std::uint64_t denominator) override {
        job_report what;
        what.what = job_report::kind::status;
        what.numerator = numerator;
        what.denominator = denominator;
        state_->say(std::move(what));
    }
    std::stop_token stop_token() const noexcept override { return state_->stop; }
    bool end(job_answer answer) override { return state_->end(std::move(answer)); }

  private:
    void say(job_report::kind kind, std::string_view data) {
        job_report what;
        what.what = kind;
        what.answer.data = shared_bytes(data);
        state_->say(std::move(what));
    }

    const std::shared_ptr<deferral> state_;
};

}  // namespace

std::unique_ptr<deferred_job> make_deferred_job(std::shared_ptr<deferral> what) {
    return std::make_unique<owned_deferral>(std::move(what));
}

// ---- visitors

bool visitors::enter() {
    const std::lock_guard lock(door_);
    if (closed_) return false;
    ++inside_;
    return true;
}

void visitors::leave() {
    const std::lock_guard lock(door_);
    if (--inside_ == 0) changed_.notify_all();
}

void visitors::close() {
    std::unique_lock lock(door_);
    closed_ = true;
    changed_.wait(lock, [this] { return inside_ == 0; });
}

// ---- deferral

deferral::deferral(worker_job& job, std::stop_token token, job_exchange& exchange, std::shared_ptr<visitors> guests)
    : handle(job.handle),
      function(job.function),
      unique(job.unique),
      payload(job.payload),
      stop(std::move(token)),
      job_(job),
      exchange_(exchange),
      guests_(std::move(guests)) {}

// Within the lock: the end of the job comes after the report that it was deferred.
std::optional<job_answer> deferral::leave(std::size_t slot, std::chrono::nanoseconds took) {
    const std::lock_guard lock(door_);
    if (--busy_ == 0 && answer_) return std::exchange(answer_, std::nullopt);
    exchange_.defer(slot, job_, took);
    return std::nullopt;
}

// Without the lock, since it may have to wait. Until it has been said, the end is not told.
void deferral::say(job_report what) {
    {
        const std::lock_guard lock(door_);
        if (ended_) return;
        ++busy_;
    }
    what.job = &job_;
    if (guests_->enter()) {
        exchange_.report(std::move(what));
        guests_->leave();
    }
    std::optional<job_answer> last;
    {
        const std::lock_guard lock(door_);
        if (--busy_ == 0) last = std::exchange(answer_, std::nullopt);
    }
    if (last) end_now(std::move(*last));
}

bool deferral::end(job_answer answer) {
    {
        const std::lock_guard lock(door_);
        if (std::exchange(ended_, true)) return false;
        if (busy_ != 0) {
            answer_ = std::move(answer);
            return true;
        }
    }
    end_now(std::move(answer));
    return true;
}

void deferral::end_now(job_answer answer) {
    if (!guests_->enter()) return;
    job_report done;
    done.what = job_report::kind::done;
    done.job = &job_;
    done.answer = std::move(answer);
    exchange_.end_deferred(std::move(done));
    guests_->leave();
}

}  // namespace sheaf::runtime
