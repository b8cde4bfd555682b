// Signals as calls on a thread of their own.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>

namespace sheaf::detail {

/// While it exists, the given signals do not end the process: `on_signal` is called for each that arrives. There may be
/// one at a time. It installs handlers and blocks nothing, so that programs which the process starts see these signals as
/// usual, and threads that exist already need not take part.
class signal_watch {
  public:
    signal_watch(std::initializer_list<int> signals, std::function<void(int number)> on_signal);
    /// Also calls `on_hangup`, once, when the other end of `descriptor` is closed. The descriptor must outlive this.
    signal_watch(std::initializer_list<int> signals, std::function<void(int number)> on_signal, int descriptor,
                 std::function<void()> on_hangup);
    /// Puts back what the signals did before.
    ~signal_watch();
    signal_watch(const signal_watch&) = delete;
    signal_watch& operator=(const signal_watch&) = delete;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace sheaf::detail
