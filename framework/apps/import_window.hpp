// The jobs that `sheaf queue import` has out.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>

#include "sheaf/runtime/client.hpp"

namespace sheaf::apps {

/// Hears of them on the client's thread, where their tags are their rows; another thread submits them, row after row.
class import_window final : public runtime::job_listener {
  public:
    /// Waits until fewer than `most` are out; then `row` is. False when a job has failed.
    [[nodiscard]] bool enter(std::int64_t row, std::size_t most);
    /// Waits until none is out. False when a job has failed.
    [[nodiscard]] bool settle();

    /// The last row up to which the server has taken all; `last` is the last that was entered or left out.
    [[nodiscard]] std::int64_t taken_up_to(std::int64_t last);
    /// How many the server has taken.
    [[nodiscard]] std::size_t taken();
    /// Why the first job failed, if any did.
    [[nodiscard]] std::optional<error> failure();

    void on_end(std::uint64_t tag, runtime::job_end end) override;

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::int64_t> missing_;  ///< out, or failed
    std::size_t out_ = 0;
    std::size_t taken_ = 0;
    std::optional<error> failure_;
};

}  // namespace sheaf::apps
