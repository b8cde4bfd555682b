#include "cluster/worker_host.hpp"

#include <atomic>
#include <thread>
#include <utility>

#include "cluster/job_runner.hpp"
#include <sheaf/detail/control_order.hpp>
#include <sheaf/detail/envelope.hpp>
#include <sheaf/runtime/worker.hpp>

namespace sheaf::detail {
namespace {

job_runner_options runner_options(const worker_host_options& how) {
    return {.servers = how.servers,
            .slots = how.slots,
            .board = how.board,
            .control = how.control,
            .services = how.services};
}

std::string client_id(const worker_host_options& how) { return how.services.program + "/" + worker_name(::getpid()); }

// The slots whose handlers have been asked to stop. Of a job that ends as usual it costs one look.
class stopping_slots {
  public:
    explicit stopping_slots(const worker_host_options& how)
        : how_(how), asked_(std::make_unique<std::atomic<bool>[]>(how.slots.count + lent_slots_max)) {}

    void asked(std::size_t slot) {
        if (!asked_[slot].exchange(true) && how_.on_stopping) how_.on_stopping(slot);
    }
    void returned(std::size_t slot) {
        if (asked_[slot].load() && asked_[slot].exchange(false) && how_.on_stopped) how_.on_stopped(slot);
    }

  private:
    const worker_host_options& how_;
    const std::unique_ptr<std::atomic<bool>[]> asked_;
};

}  // namespace

struct worker_host::parts {
    parts(worker_host_options options, std::span<const binding> tasks)
        : how(std::move(options)),
          stopping(how),
          runner(runner_options(how)),
          worker(worker_options()),
          orders({.servers = how.servers, .id = client_id(how) + "/control"}) {
        for (const binding& task : tasks) {
            worker.offer(task.name, [this, &task](runtime::assignment& job) {
                auto answer = runner.run(task, job);
                stopping.returned(job.slot());
                return answer;
            });
        }
        orders.offer(how.control, [this](runtime::assignment& job) { return obey(job); });
    }

    [[nodiscard]] runtime::worker_options worker_options() {
        runtime::worker_options result;
        result.servers = how.servers;
        result.id = client_id(how);
        result.slots = how.slots.count;
        result.lent_max = lent_slots_max;
        result.stuck_grace = how.stop_grace;
        result.on_stopping = [this](std::size_t slot) { stopping.asked(slot); };
        result.on_stuck = [this](std::string_view task, std::size_t slot) {
            runner.abandon(slot);
            if (how.on_stuck) how.on_stuck(task);
        };
        return result;
    }

    runtime::job_answer obey(const runtime::assignment& job) {
        const auto calls = read_cancel_order(job.payload().view());
        if (!calls) return runtime::job_answer::exception(write_failure(calls.error()));
        runner.cancel(*calls, [this](std::size_t slot) { stopping.asked(slot); });
        return runtime::job_answer::complete({});
    }

    const worker_host_options how;
    stopping_slots stopping;
    job_runner runner;
    runtime::worker worker;
    runtime::worker orders;  // has threads of its own, because those of the worker may all be busy
};

worker_host::worker_host(worker_host_options how, std::span<const binding> tasks)
    : parts_(std::make_unique<parts>(std::move(how), tasks)) {}
worker_host::~worker_host() = default;

void worker_host::run() {
    struct order_taker {
        explicit order_taker(runtime::worker& of) : orders(of), thread([this] { orders.run(); }) {}
        ~order_taker() {
            orders.stop();
            thread.join();
        }
        runtime::worker& orders;
        std::thread thread;
    };
    const order_taker taker(parts_->orders);
    parts_->worker.run();
}

void worker_host::drain() { parts_->worker.drain(); }
void worker_host::stop() { parts_->worker.stop(); }

}  // namespace sheaf::detail
