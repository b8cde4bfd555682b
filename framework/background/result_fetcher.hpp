// Waits for the end of a background job as if it were a call.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <sheaf/detail/call_engine.hpp>

namespace sheaf::detail {

/// The future of a job's result goes through this. What is submitted must be frames (raw_call without arguments); of the
/// options, only the deadline counts. Made by std::make_shared; lives while there is something to cancel.
class result_fetcher final : public call_sender, public std::enable_shared_from_this<result_fetcher> {
  public:
    /// The job `handle` at the client's server number `server`.
    result_fetcher(const std::shared_ptr<call_engine>& through, std::string handle, std::size_t server)
        : through_(through), callbacks_(through->callbacks()), handle_(std::move(handle)), server_(server) {}

    call_id submit(const raw_call& frame, const call_options& how, std::shared_ptr<listener> hears,
                   std::uint64_t tag) override;
    void cancel(call_id call) override;
    [[nodiscard]] std::shared_ptr<callback_thread> callbacks() override { return callbacks_; }

  private:
    class ear;

    std::weak_ptr<call_engine> through_;  // weak: waits that nobody hears of do not keep the engine
    std::shared_ptr<callback_thread> callbacks_;
    std::string handle_;
    std::size_t server_;
};

}  // namespace sheaf::detail
