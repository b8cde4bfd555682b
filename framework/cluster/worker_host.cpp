#include "cluster/worker_host.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <semaphore>
#include <thread>
#include <utility>

#include "cluster/job_runner.hpp"
#include "cluster/periodic_threads.hpp"
#include "cluster/slot_limit.hpp"
#include "cluster/slot_states.hpp"
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

// Who knows its own slots' states has nobody else to ask.
worker_host_options with_states(worker_host_options how, slot_states& states) {
    how.services.state = [&states](std::size_t slot, const void* key) { return states.get(slot, key); };
    return how;
}

std::string client_id(const worker_host_options& how) { return how.services.program + "/" + worker_name(::getpid()); }

// The slots whose handlers have been asked to stop. A job that ends as usual costs two writes to its slot's state.
class stopping_slots {
    enum class state : std::uint8_t { idle, running, asked };

  public:
    explicit stopping_slots(const worker_host_options& how)
        : how_(how), slots_(std::make_unique<std::atomic<state>[]>(how.slots.count + lent_slots_max)) {}

    void begins(std::size_t slot) { slots_[slot].store(state::running, std::memory_order_relaxed); }
    // The handler of `slot` cannot be followed by another one while this is called.
    void asked(std::size_t slot) {
        const std::lock_guard lock(door_);
        state expected = state::running;
        if (slots_[slot].compare_exchange_strong(expected, state::asked) && how_.on_stopping) how_.on_stopping(slot);
    }
    void returned(std::size_t slot) {
        state expected = state::running;
        if (slots_[slot].compare_exchange_strong(expected, state::idle)) return;
        const std::lock_guard lock(door_);  // or the end would be told before the beginning
        slots_[slot].store(state::idle);
        if (how_.on_stopped) how_.on_stopped(slot);
    }

  private:
    const worker_host_options& how_;
    const std::unique_ptr<std::atomic<state>[]> slots_;
    std::mutex door_;
};

}  // namespace

struct worker_host::parts {
    parts(worker_host_options options, std::span<const binding> tasks)
        : states(options.setup.states, options.slots.count + lent_slots_max),
          how(with_states(std::move(options), states)),
          stopping(how),
          runner(runner_options(how)),
          worker(worker_options()),
          idle(tasks.empty()),
          orders({.servers = how.servers, .id = client_id(how) + "/control"}) {
        for (const binding& task : tasks) offer(task);
        orders.offer(how.control, [this](runtime::assignment& job) { return obey(job); });
    }

    void offer(const binding& task) {
        slot_limit* const limit = task.slots_max == 0 ? nullptr : &limits.emplace_back(task.slots_max);
        worker.offer(task.name, [this, &task, limit](runtime::assignment& job) {
            stopping.begins(job.slot());
            auto answer = runner.run(task, job, limit);
            stopping.returned(job.slot());
            return answer;
        });
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

    // A process whose siblings run all that a task's limit allows has nothing to offer, and stays in reserve.
    void work() {
        if (!idle) return worker.run();
        idle_end.acquire();
    }
    void start_periodic() {
        const std::lock_guard lock(periodic_door);
        if (!drained) periodic = std::make_unique<periodic_threads>(how.services.program, how.setup.periodic);
    }
    // What runs may go on while jobs end.
    void stop_periodic() {
        const std::lock_guard lock(periodic_door);
        drained = true;
        if (periodic) periodic->stop();
    }
    void end_periodic() {
        stop_periodic();
        const auto ended = [this] {
            const std::lock_guard lock(periodic_door);
            return std::exchange(periodic, nullptr);
        }();
    }

    slot_states states;
    const worker_host_options how;
    std::deque<slot_limit> limits;
    stopping_slots stopping;
    job_runner runner;
    runtime::worker worker;
    const bool idle;
    std::counting_semaphore<> idle_end{0};
    std::mutex periodic_door;
    bool drained = false;  ///< as the next, guarded by periodic_door
    std::unique_ptr<periodic_threads> periodic;
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
    const worker_setup& setup = parts_->how.setup;
    for (const auto& hook : setup.on_start) hook();
    {
        const order_taker taker(parts_->orders);
        parts_->start_periodic();
        if (parts_->how.on_ready) parts_->how.on_ready();
        parts_->work();
        parts_->end_periodic();
    }
    parts_->states.clear();
    for (auto hook = setup.on_stop.rbegin(); hook != setup.on_stop.rend(); ++hook) (*hook)();
}

void worker_host::drain(std::chrono::milliseconds grace) {
    parts_->stop_periodic();
    if (parts_->idle) return parts_->idle_end.release();
    parts_->worker.drain(grace);
}
void worker_host::stop() {
    parts_->stop_periodic();
    if (parts_->idle) return parts_->idle_end.release();
    parts_->worker.stop();
}

}  // namespace sheaf::detail
