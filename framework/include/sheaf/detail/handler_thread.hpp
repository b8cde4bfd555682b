// Which call the current thread runs the handler of, and what happens to its slot while it waits. Not for users.
#pragma once

namespace sheaf::detail {

class invocation;

/// The call whose handler the current thread runs; null on all other threads.
[[nodiscard]] invocation* current_invocation() noexcept;

/// Makes `of` the current thread's call while it exists.
class running_handler {
  public:
    explicit running_handler(invocation& of) noexcept;
    ~running_handler();
    running_handler(const running_handler&) = delete;
    running_handler& operator=(const running_handler&) = delete;

  private:
    invocation* before_;
};

/// Put around every wait for calls: a handler that waits for calls which only its own slot could run would wait for ever,
/// so its slot is lent meanwhile. Nothing on threads that run no handler.
class lent_slot {
  public:
    /// Throws would_deadlock when too many handlers of the process wait already.
    lent_slot();
    ~lent_slot();
    lent_slot(const lent_slot&) = delete;
    lent_slot& operator=(const lent_slot&) = delete;

  private:
    invocation* of_;
};

}  // namespace sheaf::detail
