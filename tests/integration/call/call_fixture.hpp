// What tests of calls through a real server share.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include <gtest/gtest.h>

#include "integration/call/obedient_worker.hpp"
#include "integration/runtime/job_servers.hpp"
#include "support/deadline.hpp"
#include "support/eventually.hpp"
#include <sheaf/cluster.hpp>

namespace sheaf::test {

inline constexpr task<"call.square", long(int), idempotent> square{};
inline constexpr task<"call.wait", int(int)> wait_for_stop{};
inline constexpr task<"call.count", stream<int>(int)> count_up{};

template <class Task>
detail::binding bound(const Task& /*task*/, auto handler) {
    return detail::make_binding<std::remove_const_t<Task>>(std::move(handler));
}

/// Goes on until it is told to stop.
inline int wait_until_stopped(context& call, int x) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    stopped.wait(lock, call.stop_token(), [] { return false; });
    return x;
}

class calls_through : public testing::TestWithParam<server_kind> {
  protected:
    std::unique_ptr<job_server> server = start_server(GetParam());
    cluster where = cluster::connect(to_string(server->where()));

    /// Jobs of `function` that the server has, running ones too.
    std::uint64_t jobs_of(std::string_view function) {
        const function_status found = where.server_status(patience).at(0).function(function);
        return found.queued + found.running;
    }
};

}  // namespace sheaf::test
