// What a handler sees of its job.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include "cluster/handler_services.hpp"
#include "cluster/slot_limit.hpp"
#include <sheaf/detail/binding.hpp>
#include <sheaf/runtime/worker.hpp>

namespace sheaf::detail {

/// How often a handler's progress is sent on, at most.
inline constexpr std::chrono::milliseconds progress_period{100};

class job_invocation final : public invocation {
  public:
    /// `attempt` is as far as is known here: of a background job (`background`), the server is asked when the handler asks.
    /// `limit` is how long the handler may take; 0: as long as it likes. `place` is the limit in which it has a place, if
    /// there is one. All that is referred to must outlive this.
    job_invocation(runtime::assignment& job, const binding& task, unsigned attempt, bool background,
                   std::chrono::milliseconds limit, const handler_services& services, slot_limit* place);

    [[nodiscard]] std::stop_token stop_token() const override { return job_.stop_token(); }
    [[nodiscard]] unsigned attempt() const override;
    [[nodiscard]] std::string_view handle() const override { return job_.handle(); }
    /// The first, the last and at most one per progress_period in between.
    void progress(std::uint64_t done, std::uint64_t total) override;
    void warn(std::string_view text) override { job_.send_warning(text); }
    void log(std::string_view line) override;
    void send_chunk(std::string_view encoded) override;
    void lend_slot() override;
    void take_slot_back() noexcept override;
    [[nodiscard]] std::optional<std::chrono::milliseconds> time_left() const override;
    [[nodiscard]] void* state(const void* key) override;
    [[nodiscard]] sheaf::cluster& own_cluster() override;

  private:
    using clock = std::chrono::steady_clock;

    runtime::assignment& job_;
    const binding& task_;
    mutable unsigned attempt_;
    const bool background_;
    mutable std::once_flag asked_;
    const clock::time_point until_;  ///< max: no limit
    const handler_services& services_;
    slot_limit* const place_;  ///< null: the task has no limit here
    std::uint64_t chunks_sent_ = 0;
    std::atomic<clock::rep> next_progress_{clock::time_point::min().time_since_epoch().count()};
};

}  // namespace sheaf::detail
