#include "pipeline/blocking_steps.hpp"

#include <atomic>
#include <utility>

#include <sheaf/detail/typed_errors.hpp>

namespace sheaf::detail {
namespace {

raw_result run_step(const block_node& what, cluster* on, const shared_bytes& item, const std::stop_token& stop) {
    if (on == nullptr) return failure{.code = errc::invalid_argument, .message = "the step needs a cluster"};
    try {
        return what.function(*on, item.view(), stop);
    } catch (const call_error& failed) {
        return failed.why();
    } catch (...) {
        return describe_exception(std::current_exception());
    }
}

}  // namespace

void blocking_steps::start(call_tag tag, const block_node& what, shared_bytes item,
                           std::function<void(raw_result)> ended) {
    std::erase_if(steps_, [](const step& one) { return one.is_over->load(); });
    auto is_over = std::make_shared<std::atomic<bool>>(false);
    auto body = [&what, on = on_, item = std::move(item), ended = std::move(ended), is_over](std::stop_token stop) {
        ended(run_step(what, on.get(), item, stop));
        is_over->store(true);
    };
    steps_.push_back({tag, is_over, std::jthread(std::move(body))});
}

void blocking_steps::stop(call_tag tag) {
    for (step& one : steps_) {
        if (one.tag == tag) one.thread.request_stop();
    }
}

void blocking_steps::end() {
    for (step& one : steps_) one.thread.request_stop();
    steps_.clear();
    on_.reset();
}

}  // namespace sheaf::detail
