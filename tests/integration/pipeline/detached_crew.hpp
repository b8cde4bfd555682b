// A server with a queue on the disk, workers and a client that detaches runs; any of them may be killed and started again.
#pragma once

#include <csignal>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "integration/cluster/worker_program.hpp"
#include "integration/pipeline/detached_tasks.hpp"
#include "support/scratch_directory.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test {

/// What was begun: how often, and by which processes, by task and number.
using begun_handlers = std::map<std::pair<std::string, std::uint64_t>, std::vector<pid_t>>;

class detached_crew : public ::testing::Test {
  protected:
    static constexpr unsigned worker_count = 3;

    detached_crew() {
        start_server();
        start_workers();
    }

    void start_server() {
        server_ = std::make_unique<sheafd_process>(
            std::vector<std::string>{"--listen", address(), "--data-dir", (place_.path() / "queue").string()});
    }
    void start_workers() {
        notes_ = place_.path() / ("notes-" + std::to_string(++noted_));
        ::setenv(notes_variable, notes_.c_str(), 1);
        workers_ = std::make_unique<worker_program>(address(), "tests/detached_program", worker_count);
    }
    void start_client(const std::string& id, std::uint64_t number) {
        client_ = std::make_unique<process>(
            command{{program("tests/detached_program"), id, std::to_string(number), result_of(id)},
                    {"SHEAF_SERVER=" + address()}});
    }
    [[nodiscard]] cluster connect() const { return cluster::connect(address()); }

    void kill_server() {
        server_->child().send_signal(SIGKILL);
        server_->child().wait();
        start_server();
    }
    void kill_client(const std::string& id, std::uint64_t number) {
        client_->send_signal(SIGKILL);
        client_->wait();
        start_client(id, number);
    }
    /// Gives the process that was killed.
    pid_t kill_worker(std::mt19937& random) {
        const auto processes = children_of(workers_->child().pid());
        const pid_t victim = processes[random() % processes.size()];
        ::kill(victim, SIGKILL);
        return victim;
    }

    [[nodiscard]] std::string address() const { return "unix:" + (place_.path() / "socket").string(); }
    [[nodiscard]] std::string result_of(const std::string& id) const { return place_.path() / ("result-" + id); }
    /// What the client has taken, when it has.
    [[nodiscard]] std::optional<std::uint64_t> taken(const std::string& id) const {
        std::ifstream file(result_of(id));
        std::uint64_t sum = 0;
        return file >> sum ? std::optional(sum) : std::nullopt;
    }
    [[nodiscard]] begun_handlers begun() const {
        begun_handlers all;
        std::ifstream file(notes_);
        std::string task;
        std::uint64_t number = 0;
        for (pid_t pid = 0; file >> task >> number >> pid;) all[{task, number}].push_back(pid);
        return all;
    }
    [[nodiscard]] std::size_t handlers_begun() const {
        std::ifstream file(notes_);
        std::size_t count = 0;
        for (std::string line; std::getline(file, line);) ++count;
        return count;
    }
    void forget_notes() { std::ofstream(notes_, std::ios::trunc); }

    /// A run over `below` numbers during which one process is killed, at a moment that `random` chooses.
    void survive_a_kill(const std::string& id, std::uint64_t below, std::mt19937& random);

    scratch_directory place_;
    std::string notes_;
    unsigned noted_ = 0;
    std::unique_ptr<sheafd_process> server_;
    std::unique_ptr<worker_program> workers_;
    std::unique_ptr<process> client_;
};

inline void detached_crew::survive_a_kill(const std::string& id, std::uint64_t below, std::mt19937& random) {
    forget_notes();
    const std::size_t moment = random() % (below + 3);  // of so many handlers
    enum class victim { worker, client, server };
    const auto whom = static_cast<victim>(random() % 3);
    SCOPED_TRACE("the " +
                 std::string(whom == victim::worker   ? "worker"
                             : whom == victim::client ? "client"
                                                      : "server") +
                 " is killed when " + std::to_string(moment) + " handlers have begun");
    start_client(id, below);
    ASSERT_TRUE(eventually([&] { return handlers_begun() >= moment; }));
    std::set<pid_t> killed;
    switch (whom) {
        case victim::worker: killed.insert(kill_worker(random)); break;
        case victim::client: kill_client(id, below); break;
        case victim::server: kill_server(); break;
    }
    ASSERT_EQ(client_->wait(), 0) << client_->error_output();
    EXPECT_EQ(taken(id), sum_of_squares_here(below));
    EXPECT_THROW((void)connect().attach(sum_of_squares(), id).get({.deadline = patience, .taker = "another"}),
                 run_taken);
    const begun_handlers all = begun();
    EXPECT_EQ(all.size(), below + 2) << "each handler has run";
    if (whom == victim::server) return;  // what workers said while it was dead is lost
    for (const auto& [what, pids] : all) {
        for (std::size_t i = 0; i + 1 < pids.size(); ++i) {
            EXPECT_TRUE(killed.contains(pids[i])) << what.first << ' ' << what.second << " was run again for nothing";
        }
    }
}

}  // namespace sheaf::test
