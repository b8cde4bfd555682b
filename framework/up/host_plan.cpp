#include "up/host_plan.hpp"

#include <algorithm>
#include <signal.h>
#include <string>
#include <utility>

namespace sheaf::up {
namespace {

constexpr std::uint64_t grace_ms_max = 24ULL * 3600 * 1000;

std::string workers_text(std::size_t number) { return std::to_string(number) + (number == 1 ? " worker" : " workers"); }

}  // namespace

host_plan::host_plan(std::size_t workers, std::size_t workers_max, milliseconds grace)
    : workers_(workers), workers_max_(workers_max), grace_(grace) {}

host_plan::step host_plan::on_request(request_id from, const control_request& request) {
    if (ending_) return {.resize = {}, .answers = {{from, {false, "the cluster is ending"}}}, .end = {}};
    if (request.what == control_request::kind::scale) return scale(from, request.number);
    step next = end(milliseconds(std::min(request.number, grace_ms_max)));
    next.answers.push_back({from, {true, workers_text(workers_)}});
    return next;
}

host_plan::step host_plan::scale(request_id from, std::uint64_t processes) {
    step next;
    if (processes == 0 || processes > workers_max_) {
        next.answers.push_back(
            {from,
             {false, "this cluster can have 1 to " + std::to_string(workers_max_) + " workers; `sheaf down` ends it"}});
        return next;
    }
    if (scaling_) next.answers.push_back({*scaling_, {false, "overtaken by a later request to scale"}});
    scaling_ = from;
    workers_ = static_cast<std::size_t>(processes);
    next.resize = workers_;
    return next;
}

host_plan::step host_plan::on_settled() {
    step next;
    if (const auto who = std::exchange(scaling_, std::nullopt)) next.answers = {{*who, {true, workers_text(workers_)}}};
    return next;
}

host_plan::step host_plan::on_signal(int number) {
    if (ending_) return {};
    signal_ = number;
    return end(grace_);
}

host_plan::step host_plan::on_failed() {
    failed_ = true;
    return ending_ ? step{} : end(milliseconds(0));
}

host_plan::step host_plan::end(milliseconds grace) {
    step next;
    ending_ = true;
    next.end = grace;
    if (const auto who = std::exchange(scaling_, std::nullopt)) {
        next.answers.push_back({*who, {false, "the cluster is ending"}});
    }
    return next;
}

int host_plan::exit_code() const noexcept {
    if (failed_) return 1;
    return signal_ == SIGINT ? 128 + SIGINT : 0;
}

}  // namespace sheaf::up
