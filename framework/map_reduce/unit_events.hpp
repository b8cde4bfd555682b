// Where the engine's thread leaves what happened to attempts, and the driver's thread finds it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include <sheaf/detail/call_engine.hpp>

namespace sheaf::detail {

/// Something that happened to the attempt with this tag.
struct unit_event {
    std::uint64_t tag = 0;
    double share_done = 0;            ///< of a running attempt, 0 to 1
    std::optional<raw_result> ended;  ///< how it ended, if it did
    std::function<void()> answer{};   ///< or, of no attempt: what to do with something else that was asked for
};

class unit_events : public call_engine::listener {
  public:
    void on_result(std::uint64_t tag, raw_result outcome) override;
    void on_progress(std::uint64_t tag, std::uint64_t done, std::uint64_t total) override;

    /// From any thread: the driver's thread is to call `what`, as long as there is one.
    void post(std::function<void()> what) { push({0, 0, std::nullopt, std::move(what)}); }

    /// What has happened since the last call. Waits for the first event until `until`, or until `stop` fires.
    [[nodiscard]] std::vector<unit_event> wait(std::optional<std::chrono::steady_clock::time_point> until,
                                               const std::stop_token& stop);

  private:
    void push(unit_event event);

    std::mutex mutex_;
    std::condition_variable_any arrived_;
    std::vector<unit_event> events_;
};

}  // namespace sheaf::detail
