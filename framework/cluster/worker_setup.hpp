// What a program wants to happen in its workers beside the handlers.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace sheaf::detail {

/// Makes the object that each slot has of one type.
struct slot_state_factory {
    const void* key = nullptr;  ///< stands for the type
    std::function<std::shared_ptr<void>()> make;
};

struct periodic_work {
    std::chrono::milliseconds period{0};
    std::function<void()> run;
};

struct worker_setup {
    std::vector<std::function<void()>> on_start;  ///< before the first job, in this order
    std::vector<std::function<void()>> on_stop;   ///< after the last job, in the reverse order
    std::vector<periodic_work> periodic;
    std::vector<slot_state_factory> states;
};

}  // namespace sheaf::detail
