#include <utility>

#include <sheaf/detail/binding.hpp>
#include <sheaf/detail/handler_thread.hpp>

namespace sheaf::detail {
namespace {

thread_local invocation* current = nullptr;

}  // namespace

invocation* current_invocation() noexcept { return current; }

running_handler::running_handler(invocation& of) noexcept : before_(std::exchange(current, &of)) {}
running_handler::~running_handler() { current = before_; }

lent_slot::lent_slot() : of_(current) {
    if (of_ != nullptr) of_->lend_slot();
}
lent_slot::~lent_slot() {
    if (of_ != nullptr) of_->take_slot_back();
}

}  // namespace sheaf::detail
