// A sheafd that keeps its jobs in a directory and can be killed, and a worker for it.
#pragma once

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "integration/background/desk_tasks.hpp"
#include "integration/cluster/worker_program.hpp"
#include "integration/runtime/job_servers.hpp"
#include "support/eventually.hpp"
#include "support/scratch_directory.hpp"
#include "support/sheafd_process.hpp"
#include <sheaf/background.hpp>

namespace sheaf::test {

class durable_server {
  public:
    explicit durable_server(std::vector<std::string> more = {}) : more_(std::move(more)) { start(); }

    [[nodiscard]] endpoint where() const { return server_->where(); }
    void kill() {
        server_->child().send_signal(SIGKILL);
        (void)server_->child().wait();
        server_.reset();
    }
    void start() {
        std::vector<std::string> arguments{"--port", std::to_string(port_), "--data-dir", place_.path().string()};
        arguments.insert(arguments.end(), more_.begin(), more_.end());
        server_ = std::make_unique<sheafd_process>(std::move(arguments));
    }

  private:
    scratch_directory place_;
    std::uint16_t port_ = free_port();
    std::vector<std::string> more_;
    std::unique_ptr<sheafd_process> server_;
};

class background_jobs : public testing::Test {
  protected:
    void start_worker() { worker_ = std::make_unique<worker_program>(to_string(server.where()), "tests/desk", 1); }
    [[nodiscard]] static cluster another_process(const durable_server& at) {
        return cluster::connect(to_string(at.where()));
    }
    [[nodiscard]] std::string file(const std::string& name) const { return (place / name).string(); }
    [[nodiscard]] static bool appears(const std::string& path) {
        return eventually([&] { return std::filesystem::exists(path); });
    }
    /// What get() throws.
    template <class E, class R>
    static E thrown_by(const background<R>& job) {
        try {
            (void)job.get(patience);
        } catch (const E& why) {
            return why;
        }
        throw std::logic_error("it has a result");
    }

    scratch_directory place;
    durable_server server;
    cluster here = cluster::connect(to_string(server.where()));

  private:
    std::unique_ptr<worker_program> worker_;
};

}  // namespace sheaf::test
