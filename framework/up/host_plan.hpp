// What a running cluster does about what it is asked, and about what happens to its workers. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "up/control.hpp"

namespace sheaf::up {

class host_plan {
  public:
    using milliseconds = std::chrono::milliseconds;
    using request_id = std::uint64_t;

    struct answer {
        request_id to = 0;
        control_reply with;
    };
    /// What is to be done now, in this order.
    struct step {
        std::optional<std::size_t> resize;  ///< how many worker processes there are to be
        std::vector<answer> answers;
        std::optional<milliseconds> end;  ///< the cluster ends: running jobs are given so long
    };

    /// `workers` processes are being started; there may be `workers_max`. `grace` is what running jobs are given at a signal.
    host_plan(std::size_t workers, std::size_t workers_max, milliseconds grace);

    [[nodiscard]] step on_request(request_id from, const control_request& request);
    /// As many processes serve as there are to be.
    [[nodiscard]] step on_settled();
    /// The process is told to end.
    [[nodiscard]] step on_signal(int number);
    /// The workers cannot be kept running.
    [[nodiscard]] step on_failed();

    /// How many processes there are to be.
    [[nodiscard]] std::size_t workers() const noexcept { return workers_; }
    [[nodiscard]] bool is_ending() const noexcept { return ending_; }
    /// Of the process, when all has ended.
    [[nodiscard]] int exit_code() const noexcept;

  private:
    [[nodiscard]] step scale(request_id from, std::uint64_t processes);
    [[nodiscard]] step end(milliseconds grace);

    std::size_t workers_;
    std::size_t workers_max_;
    milliseconds grace_;
    std::optional<request_id> scaling_;  ///< who waits for the workers to be as many as asked for
    bool ending_ = false;
    bool failed_ = false;
    int signal_ = 0;
};

}  // namespace sheaf::up
