// A background job as bytes: what the typed handle stands on. Not for users.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/background_status.hpp>
#include <sheaf/detail/call_engine.hpp>
#include <sheaf/detail/pending_call.hpp>
#include <sheaf/failure.hpp>

namespace sheaf {

struct background_options;

namespace detail {

/// One job at one server. Any thread.
class background_job {
  public:
    using milliseconds = std::chrono::milliseconds;
    using pointer = std::shared_ptr<const background_job>;

    /// What enqueue() and attach() make; `server` is an index into the client's, or any other number when it is not known.
    background_job(std::shared_ptr<call_engine> through, const raw_call& frame, std::string handle, std::size_t server,
                   std::string id);

    /// Submits `call`, and waits until a server has it.
    [[nodiscard]] static result<pointer> enqueue(const std::shared_ptr<call_engine>& through, const raw_call& call,
                                                 const background_options& how);
    /// The job that `id` names, which must be one of the task in `frame`. Asks no server.
    [[nodiscard]] static result<pointer> attach(const std::shared_ptr<call_engine>& through, const raw_call& frame,
                                                std::string_view id);

    [[nodiscard]] const std::string& id() const noexcept { return id_; }
    [[nodiscard]] result<background_status> status(milliseconds deadline) const;
    /// Its result, once there is one. Cancelling that stops the waiting, and not the job.
    [[nodiscard]] std::shared_ptr<pending_call> fetch(milliseconds deadline) const;
    /// What it was.
    [[nodiscard]] result<background_state> cancel(milliseconds deadline) const;
    [[nodiscard]] result<void> retry(milliseconds deadline) const;

  private:
    static constexpr std::size_t nowhere = ~std::size_t{0};

    [[nodiscard]] result<std::size_t> locate(milliseconds deadline) const;
    [[nodiscard]] result<std::string> ask(std::string_view function, const std::string& words, bool again,
                                          milliseconds deadline) const;
    [[nodiscard]] result<background_status> plain_status(milliseconds deadline) const;
    [[nodiscard]] failure not_dead(milliseconds deadline) const;

    std::shared_ptr<call_engine> through_;
    raw_call frame_;  ///< the task, without arguments
    std::string handle_;
    std::string id_;
    mutable std::atomic<std::size_t> server_;  ///< as an index into the client's; nowhere: not known yet
};

/// What each server that `through` knows promises.
[[nodiscard]] std::vector<background_support> ask_support(call_engine& through, std::chrono::milliseconds deadline);

}  // namespace detail
}  // namespace sheaf
