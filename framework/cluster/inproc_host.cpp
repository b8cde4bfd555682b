#include "cluster/inproc_host.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <utility>

#include "cluster/control_name.hpp"
#include "cluster/socket_directory.hpp"
#include "cluster/worker_host.hpp"
#include <sheaf/cluster.hpp>
#include <sheaf/runtime/server.hpp>

namespace sheaf::detail {
namespace {

runtime::server_options server_on(const endpoint& where) {
    runtime::server_options how;
    how.listen = {where};
    return how;
}

std::vector<binding> not_empty(std::vector<binding> tasks) {
    if (tasks.empty()) throw std::logic_error("this program binds no task: nobody would answer its calls");
    return tasks;
}

std::uint64_t random_number() {
    std::random_device random;
    return std::uint64_t{random()} << 32U | random();
}

}  // namespace

struct inproc_host::parts {
    parts(worker_program program, std::size_t slots)
        : name(std::move(program.name)),
          tasks(not_empty(std::move(program.tasks))),
          where{.host = {}, .port = 0, .path = directory.socket_path()},
          server(server_on(where)),
          workers(worker_options(std::max<std::size_t>(1, slots), std::move(program.setup)), tasks) {
        server.start();
        thread = std::thread([this] { serve(); });
    }
    ~parts() {
        workers.stop();
        thread.join();
        server.stop_now();
        server.wait();
    }
    parts(const parts&) = delete;
    parts& operator=(const parts&) = delete;

    [[nodiscard]] worker_host_options worker_options(std::size_t slots, worker_setup setup) {
        worker_host_options how;
        how.servers = {where};
        how.slots = {.first = 0, .count = slots, .first_lent = slots};
        how.control = control_name("inproc", ::getpid(), 0, random_number());
        how.setup = std::move(setup);
        how.services.program = name;
        how.services.own_cluster = [this]() -> cluster& { return cluster_of_handlers(); };
        how.on_stuck = [this](std::string_view task) {
            std::fprintf(
                stderr,
                "%s: the handler of %.*s did not stop when it was asked to, and within one process nothing can "
                "end it: its slot is lost\n",
                name.c_str(), static_cast<int>(task.size()), task.data());
        };
        return how;
    }

    // With connections of its own, as a worker process has: those of the driver end with the driver.
    cluster& cluster_of_handlers() {
        std::call_once(once, [this] {
            for_handlers.emplace(std::make_shared<call_engine>(std::vector<endpoint>{where}), nullptr, 0);
        });
        return *for_handlers;
    }

    void serve() {
        try {
            workers.run();
        } catch (const std::exception& why) {
            std::fprintf(stderr, "%s: the workers have ended: %s\n", name.c_str(), why.what());
        }
    }

    const std::string name;
    const std::vector<binding> tasks;
    socket_directory directory;
    const endpoint where;
    runtime::server server;
    std::once_flag once;
    std::optional<cluster> for_handlers;
    worker_host workers;
    std::thread thread;
};

inproc_host::inproc_host(worker_program program, std::size_t slots)
    : parts_(std::make_unique<parts>(std::move(program), slots)) {}
inproc_host::~inproc_host() = default;

const endpoint& inproc_host::server() const noexcept { return parts_->where; }

}  // namespace sheaf::detail
