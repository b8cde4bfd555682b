// A worker in the test's own process that does what typed calls expect of one: it says that it lives, and takes orders.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "support/deadline.hpp"
#include <sheaf/detail/binding.hpp>
#include <sheaf/detail/control_order.hpp>
#include <sheaf/detail/envelope.hpp>
#include <sheaf/runtime/worker.hpp>

namespace sheaf::test {

class obedient_worker {
  public:
    obedient_worker(const endpoint& server, detail::binding what, std::size_t slots = 1)
        : bound_(std::move(what)), jobs_(options(server, slots)), orders_(options(server, 1)) {
        jobs_.offer(bound_.name, [this](runtime::assignment& job) { return run(job); });
        orders_.offer(control_, [this](runtime::assignment& job) { return take_order(job); });
        threads_[0] = std::thread([this] { jobs_.run(); });
        threads_[1] = std::thread([this] { orders_.run(); });
    }
    ~obedient_worker() {
        jobs_.stop();
        orders_.stop();
        for (std::thread& one : threads_) one.join();
    }
    obedient_worker(const obedient_worker&) = delete;
    obedient_worker& operator=(const obedient_worker&) = delete;

    /// From now on it runs what it is given, and says nothing.
    void fall_silent() { silent_ = true; }
    [[nodiscard]] int begun() const { return begun_; }
    [[nodiscard]] int stopped() const { return stopped_; }

  private:
    class running final : public detail::invocation {
      public:
        running(runtime::assignment& job, std::stop_token stop) : job_(job), stop_(std::move(stop)) {}
        [[nodiscard]] std::stop_token stop_token() const override { return stop_; }
        [[nodiscard]] unsigned attempt() const override { return 1; }
        [[nodiscard]] std::string_view handle() const override { return job_.handle(); }
        void progress(std::uint64_t done, std::uint64_t total) override { job_.send_status(done, total); }
        void warn(std::string_view text) override { job_.send_warning(text); }
        void send_chunk(std::string_view encoded) override {
            job_.send_data(detail::write_chunk(chunks_++, encoded).view());
        }
        void lend_slot() override {}
        void take_slot_back() noexcept override {}

      private:
        runtime::assignment& job_;
        std::stop_token stop_;
        std::uint64_t chunks_ = 0;
    };

    static runtime::worker_options options(const endpoint& server, std::size_t slots) {
        runtime::worker_options how;
        how.servers = {server};
        how.slots = slots;
        how.grabs_max = 1;
        how.backoff_min = std::chrono::milliseconds(1);
        return how;
    }

    runtime::job_answer run(runtime::assignment& job) {
        const auto request = detail::read_request(job.payload().view());
        if (!request) return runtime::job_answer::exception(detail::write_failure(request.error()));
        std::stop_source stop;
        {
            const std::lock_guard lock(mutex_);
            if (unwanted_.contains(request->call)) {
                return runtime::job_answer::exception(detail::write_failure({.code = errc::cancelled}));
            }
            running_[request->call] = stop;
        }
        ++begun_;
        const std::stop_callback ends(job.stop_token(), [&stop] { stop.request_stop(); });
        if (!silent_) job.send_data(detail::write_sign_of_life({.control = control_, .attempt = 1}).view());
        running seen(job, stop.get_token());
        auto outcome = bound_.run(seen, request->arguments);
        {
            const std::lock_guard lock(mutex_);
            running_.erase(request->call);
        }
        if (!outcome) return runtime::job_answer::exception(detail::write_failure(outcome.error()));
        return runtime::job_answer::complete(detail::write_answer(*outcome));
    }

    runtime::job_answer take_order(runtime::assignment& job) {
        const auto calls = detail::read_cancel_order(job.payload().view());
        if (!calls) return runtime::job_answer::fail();
        const std::lock_guard lock(mutex_);
        unwanted_.insert(calls->begin(), calls->end());
        for (const std::uint64_t call : *calls) {
            if (const auto found = running_.find(call); found != running_.end() && found->second.request_stop()) {
                ++stopped_;
            }
        }
        return runtime::job_answer::complete({});
    }

    static std::string new_control() {
        static std::atomic<int> number = 0;
        return std::string(detail::control_prefix) + "test." + std::to_string(++number);
    }

    const std::string control_ = new_control();
    std::atomic<bool> silent_ = false;
    std::atomic<int> begun_ = 0;
    std::atomic<int> stopped_ = 0;
    std::mutex mutex_;
    std::map<std::uint64_t, std::stop_source> running_;
    std::set<std::uint64_t> unwanted_;
    detail::binding bound_;
    runtime::worker jobs_;
    runtime::worker orders_;
    std::thread threads_[2];
};

}  // namespace sheaf::test
