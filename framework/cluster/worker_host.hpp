// Bound tasks, served: the worker that runs their jobs, and a second one that takes orders about what runs.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/handler_services.hpp"
#include "cluster/slot_board.hpp"
#include "cluster/worker_environment.hpp"
#include "cluster/worker_setup.hpp"
#include <sheaf/detail/binding.hpp>
#include <sheaf/runtime/endpoint.hpp>

namespace sheaf::detail {

struct worker_host_options {
    std::vector<endpoint> servers;  ///< not empty
    process_slots slots{};
    slot_board* board = nullptr;  ///< shared with siblings, if there is a supervisor
    std::string control;          ///< the function under which orders are taken, as control_name() makes it
    std::chrono::milliseconds stop_grace = default_stop_grace;
    handler_services services;
    worker_setup setup{};
    /// The start hooks have run, and jobs will be taken from now on. On the thread of run().
    std::function<void()> on_ready{};
    /// The handler in a slot has been asked to stop, and will be stuck when it has not returned after stop_grace; or it has
    /// returned. Several threads.
    std::function<void(std::size_t slot)> on_stopping{};
    std::function<void(std::size_t slot)> on_stopped{};
    /// A handler did not return. Its job has been answered. On the I/O thread; the usual answer is to end the process.
    std::function<void(std::string_view task)> on_stuck{};
};

/// One worker with the tasks that are bound in a program. Knows nothing of its process, so that there may be several.
class worker_host {
  public:
    /// Offers all of `tasks`, which must outlive this; when there are none, it only waits for its end.
    worker_host(worker_host_options how, std::span<const binding> tasks);
    ~worker_host();
    worker_host(const worker_host&) = delete;
    worker_host& operator=(const worker_host&) = delete;

    /// Serves until drain() has finished or stop() was called. Blocks. Once. Throws what a start hook throws.
    void run();
    /// Takes no new job, lets those that run end, then run() returns. Those that go on after `grace`, counted from the last call, are
    /// asked to stop. From any thread.
    void drain(std::chrono::milliseconds grace);
    /// run() returns as soon as the handlers have; they are asked to stop. From any thread.
    void stop();

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace sheaf::detail
