#include "background/stop_order.hpp"

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <sheaf/detail/control_order.hpp>
#include <sheaf/runtime/client.hpp>
#include <sheaf/server_status.hpp>

namespace sheaf::detail {
namespace {

// How long servers may take to say who is there.
constexpr std::chrono::milliseconds answer_time{500};
// An order that no worker has taken by then is to a worker that is gone.
constexpr std::chrono::milliseconds order_time{2000};

class nobody final : public runtime::job_listener {
  public:
    void on_end(std::uint64_t, runtime::job_end) override {}
};

std::set<std::string> controls_at(runtime::client& client) {
    std::set<std::string> found;
    for (const server_report& one : ask_status(client, answer_time)) {
        for (const function_status& f : one.functions) {
            if (f.workers != 0 && is_control_name(f.name)) found.insert(f.name);
        }
    }
    return found;
}

}  // namespace

void order_stop(call_engine& through, std::span<const std::string_view> handles) {
    if (handles.empty()) return;
    std::vector<std::uint64_t> calls;
    for (const std::string_view one : handles) calls.push_back(background_call(one));
    const auto ear = std::make_shared<nobody>();
    for (const std::string& control : controls_at(through.client())) {
        runtime::job_request order;
        order.function = control;
        order.payload = write_cancel_order(calls);
        order.priority = runtime::job_priority::high;
        order.deadline = std::chrono::steady_clock::now() + order_time;
        order.withdraw = true;
        through.client().submit(std::move(order), ear);
    }
}

}  // namespace sheaf::detail
