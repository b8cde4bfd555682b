// A wall clock that is wrong, in other processes.
//
//   wrong_clock clock(-90min);
//   sheafd_process server({}, clock.environment());
//   clock.set(1h);
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "support/fault_shim/clock.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {

class wrong_clock {
  public:
    explicit wrong_clock(std::chrono::seconds ahead = {});
    wrong_clock(const wrong_clock&) = delete;
    wrong_clock& operator=(const wrong_clock&) = delete;
    ~wrong_clock();

    /// By how much it is ahead from now on, for every process with this environment.
    void set(std::chrono::seconds ahead) { error_->seconds.store(ahead.count(), std::memory_order_release); }

    /// What a process needs to see this clock.
    [[nodiscard]] std::vector<std::string> environment() const;
    /// The same in parts, for processes that load other libraries, too.
    [[nodiscard]] static std::string library();
    [[nodiscard]] std::string variable() const;

  private:
    scratch_directory place_;
    shim::clock_error* error_;
};

}  // namespace sheaf::test
