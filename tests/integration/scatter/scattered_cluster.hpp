// A job server, ours or the stock one, and two worker processes of the program "scattered".
#pragma once

#include <csignal>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "integration/cluster/gearmand_process.hpp"
#include "integration/cluster/worker_program.hpp"
#include "integration/scatter/scattered_tasks.hpp"
#include "support/sheafd_process.hpp"
#include <sheaf/cluster.hpp>

namespace sheaf::test {

enum class brand { sheafd, gearmand };

class scattered_cluster : public ::testing::TestWithParam<brand> {
  protected:
    scattered_cluster() {
        if (GetParam() == brand::sheafd) {
            sheafd_ = std::make_unique<sheafd_process>();
        } else {
            gearmand_ = std::make_unique<gearmand_process>();
        }
        const std::string server = to_string(sheafd_ ? sheafd_->where() : gearmand_->where());
        workers_ = std::make_unique<worker_program>(server, "tests/scattered");
        calls = std::make_unique<cluster>(cluster::connect(server));
    }
    ~scattered_cluster() override {
        for (const pid_t one : stopped_) ::kill(one, SIGCONT);
    }

    /// The worker processes.
    [[nodiscard]] std::vector<pid_t> processes() const { return children_of(workers_->child().pid()); }
    /// Stops one of the worker processes, as if its host had lost its network.
    pid_t stop_one() {
        const pid_t one = calls->call(nap(0), {.deadline = patience});
        stop(one);
        return one;
    }
    void stop(pid_t one) {
        ::kill(one, SIGSTOP);
        stopped_.insert(one);
    }
    void wake(pid_t one) {
        ::kill(one, SIGCONT);
        stopped_.erase(one);
    }
    /// Waits until the server has nothing of the function to do.
    void expect_nothing_left(std::string_view function) {
        const auto until = std::chrono::steady_clock::now() + patience;
        for (;;) {
            const function_status at = calls->server_status(patience).at(0).function(function);
            if (at.queued + at.running == 0) return;
            ASSERT_LT(std::chrono::steady_clock::now(), until) << at.queued << " queued, " << at.running << " running";
            std::this_thread::yield();
        }
    }

    std::unique_ptr<cluster> calls;

  private:
    std::unique_ptr<sheafd_process> sheafd_;
    std::unique_ptr<gearmand_process> gearmand_;
    std::unique_ptr<worker_program> workers_;
    std::set<pid_t> stopped_;
};

inline std::string brand_name(const ::testing::TestParamInfo<brand>& one) {
    return one.param == brand::sheafd ? "sheafd" : "gearmand";
}

}  // namespace sheaf::test
