// libgearman, gearmand's library in C, as users of our server: what its calls need, with an owner.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <libgearman/gearman.h>

#include "integration/cluster/gearmand_process.hpp"
#include "support/raw_peer.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test::c_library {

struct ends_client {
    void operator()(gearman_client_st* c) const { gearman_client_free(c); }
};
using client = std::unique_ptr<gearman_client_st, ends_client>;

struct ends_worker {
    void operator()(gearman_worker_st* w) const { gearman_worker_free(w); }
};
using worker = std::unique_ptr<gearman_worker_st, ends_worker>;

/// What a function of a running_worker does with its jobs.
using job_function = std::function<gearman_return_t(gearman_job_st*)>;

/// A worker that works on a thread of its own until it is destroyed.
class running_worker {
  public:
    running_worker(const endpoint& server, std::map<std::string, job_function> functions, std::string name_space = "");
    ~running_worker();
    running_worker(const running_worker&) = delete;
    running_worker& operator=(const running_worker&) = delete;

  private:
    static gearman_return_t run(gearman_job_st* job, void* function);

    endpoint server_;
    std::string stop_;  // the function whose job ends the worker
    bool stopped_ = false;
    std::map<std::string, job_function> functions_;
    worker worker_;
    std::thread thread_;
};

/// Both servers, one after the other.
class c_library : public ::testing::TestWithParam<const char*> {
  protected:
    c_library();

    [[nodiscard]] const endpoint& where() const { return where_; }
    [[nodiscard]] client make_client() const;
    [[nodiscard]] worker make_worker() const;
    /// The server's answer to one line of its text protocol.
    [[nodiscard]] std::vector<std::string> ask(const std::string& command) const;

  private:
    std::unique_ptr<sheafd_process> ours_;
    std::unique_ptr<gearmand_process> stock_;
    endpoint where_;
};

/// A function that completes its jobs with their payloads, backwards.
[[nodiscard]] gearman_return_t reverse(gearman_job_st* job);

/// The payload of a job.
[[nodiscard]] std::string payload_of(const gearman_job_st* job);
/// What a blocking call like gearman_client_do has returned, which is freed.
[[nodiscard]] std::string take(void* result, std::size_t size);
/// The data that a task has received last.
[[nodiscard]] std::string data_of(const gearman_task_st* task);

/// gearman_client_do() and its kin.
using do_call = void*(gearman_client_st*, const char*, const char*, const void*, std::size_t, std::size_t*,
                      gearman_return_t*);
struct called {
    gearman_return_t how;
    std::string result;
};
[[nodiscard]] called call(do_call* how, const client& by, const std::string& function, const std::string& payload,
                          const char* unique = nullptr);

}  // namespace sheaf::test::c_library
