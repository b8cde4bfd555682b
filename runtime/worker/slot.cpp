#include "worker/slot.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "base/assert.hpp"

namespace sheaf::runtime {
namespace {

using steady_clock = std::chrono::steady_clock;

// Longer times could not be added to a point of time.
constexpr std::chrono::milliseconds for_ever = std::chrono::hours(24 * 365);

class slot_assignment : public assignment {
  public:
    slot_assignment(worker_job& job, std::size_t slot, job_exchange& exchange, const std::shared_ptr<visitors>& guests,
                    steady_clock::time_point began)
        : job_(job), slot_(slot), exchange_(exchange), guests_(guests), began_(began) {}

    [[nodiscard]] const std::shared_ptr<deferral>& left_behind() const noexcept { return deferral_; }

    std::string_view handle() const noexcept override { return job_.handle; }
    std::string_view function() const noexcept override { return job_.function; }
    std::string_view unique() const noexcept override { return job_.unique; }
    std::string_view reducer() const noexcept override { return job_.reducer; }
    const shared_bytes& payload() const noexcept override { return job_.payload; }
    std::size_t slot() const noexcept override { return slot_; }
    std::size_t server() const noexcept override { return job_.server; }

    void send_data(std::string_view data) override { report(job_report::kind::data, shared_bytes(data)); }
    void send_warning(std::string_view data) override { report(job_report::kind::warning, shared_bytes(data)); }
    void send_status(std::uint64_t numerator, std::uint64_t denominator) override {
        job_report what;
        what.what = job_report::kind::status;
        what.job = &job_;
        what.numerator = numerator;
        what.denominator = denominator;
        exchange_.report(std::move(what));
    }
    std::stop_token stop_token() const noexcept override { return exchange_.stop_token_of(slot_); }
    void expire_after(std::chrono::milliseconds limit, shared_bytes exception) override {
        job_report what = about(job_report::kind::expire, std::move(exception));
        what.at = began_ + std::min(limit, for_ever);
        report_by(limit, std::move(what));
    }
    void give_up(shared_bytes exception) override {
        job_report what = about(job_report::kind::expire, std::move(exception));
        what.at = began_;
        exchange_.report(std::move(what));
    }
    void say_every(std::chrono::milliseconds first, std::chrono::milliseconds every, shared_bytes data) override {
        job_report what = about(job_report::kind::say, std::move(data));
        what.at = began_ + std::min(first, for_ever);
        what.every = std::min(every, for_ever);
        report_by(first, std::move(what));
    }
    bool lend_slot() override { return exchange_.lend(); }
    void take_slot_back() noexcept override { exchange_.take_back(); }
    std::unique_ptr<deferred_job> defer() override {
        SHEAF_ASSERT(deferral_ == nullptr, "a job is deferred once");
        deferral_ = std::make_shared<deferral>(job_, stop_token(), exchange_, guests_);
        return make_deferred_job(deferral_);
    }

  private:
    [[nodiscard]] job_report about(job_report::kind kind, shared_bytes data) {
        job_report what;
        what.what = kind;
        what.job = &job_;
        what.answer.data = std::move(data);
        return what;
    }
    void report(job_report::kind kind, shared_bytes data) { exchange_.report(about(kind, std::move(data))); }
    // What comes into force when the handler has run for `limit`.
    void report_by(std::chrono::milliseconds limit, job_report what) {
        if (limit < long_job) return exchange_.report(std::move(what));
        exchange_.report_if_long(slot_, std::move(what));
    }

    worker_job& job_;
    std::size_t slot_;
    job_exchange& exchange_;
    const std::shared_ptr<visitors>& guests_;
    steady_clock::time_point began_;
    std::shared_ptr<deferral> deferral_;
};

job_answer run_handler(const job_handler& handler, assignment& job) {
    try {
        return handler(job);
    } catch (const std::exception& thrown) {
        return job_answer::exception(shared_bytes(std::string_view(thrown.what())));
    } catch (...) {
        return job_answer::exception(
            shared_bytes(std::string_view("the handler threw something that is no std::exception")));
    }
}

// What is to be reported of a job whose handler has returned; nothing when it has been deferred.
std::optional<job_answer> end_of(job_answer returned, const slot_assignment& job, std::size_t slot,
                                 std::chrono::nanoseconds took) {
    const auto& deferral = job.left_behind();
    if (deferral == nullptr) return returned;
    if (returned.how == job_answer::kind::exception) (void)deferral->end(std::move(returned));
    return deferral->leave(slot, took);
}

}  // namespace

void run_slot(std::size_t slot, job_exchange& exchange, const std::shared_ptr<visitors>& guests) {
    std::optional<job_report> done;
    auto now = steady_clock::now();
    while (worker_job* const job = exchange.next(slot, std::move(done), now)) {
        SHEAF_ASSERT(job->handler != nullptr, "only jobs of functions that are offered are started");
        const auto began = now;
        slot_assignment assigned(*job, slot, exchange, guests, began);
        job_answer returned = run_handler(*job->handler, assigned);
        now = steady_clock::now();
        auto answer = end_of(std::move(returned), assigned, slot, now - began);
        done.reset();
        if (!answer) continue;
        done.emplace();
        done->job = job;
        done->answer = std::move(*answer);
        done->took = now - began;
    }
}

}  // namespace sheaf::runtime
