// The call_machine on the client's thread: jobs, questions and orders go out through the runtime's client, and what comes
// back goes in.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "call/call_machine.hpp"
#include <sheaf/call_options.hpp>
#include <sheaf/runtime/client.hpp>

namespace sheaf::detail {

struct call_extras {
    std::function<void(std::uint64_t, std::uint64_t)> on_progress;
    std::function<void(std::string_view)> on_warning;
    std::stop_token stop;
    std::optional<std::stop_callback<std::function<void()>>> when_stopped;
};

class call_shell final : public runtime::client_companion, private call_sink {
  public:
    using call_id = call_sender::call_id;

    explicit call_shell(std::vector<endpoint> servers);
    ~call_shell() override;
    call_shell(const call_shell&) = delete;
    call_shell& operator=(const call_shell&) = delete;

    // From any thread.
    call_id submit(const raw_call& call, const call_options& how, std::shared_ptr<call_sender::listener> hears,
                   std::uint64_t tag);
    void cancel(call_id call);
    void cancel_all();
    /// Ends all calls, and waits a little until their handlers have been told to stop.
    void close();
    [[nodiscard]] runtime::client& client() noexcept { return client_; }
    /// Whether the caller is a listener.
    [[nodiscard]] bool is_own_thread() const noexcept { return own_thread_ == std::this_thread::get_id(); }

  private:
    class job_ear;
    class order_ear;
    friend class job_ear;
    friend class order_ear;

    // runtime::client_companion, and what jobs' listeners hear: on the client's thread.
    void on_turn(std::chrono::steady_clock::time_point now) override;
    [[nodiscard]] std::chrono::steady_clock::time_point next_deadline() const override {
        return machine_.next_deadline();
    }
    void on_data(std::uint64_t tag, const shared_bytes& data);
    void on_order_end();

    // call_sink
    void submit(attempt_key key, const call_plan& of, const attempt_terms& how) override;
    void drop(attempt_key key) override;
    void withdraw(attempt_key key) override;
    void ask_status(attempt_key key, const std::string& handle) override;
    void ask_offered(const std::string& function) override;
    void ask_controls() override;
    void send_order(const std::string& control, std::span<const std::uint64_t> attempts) override;
    void tell_retry(const call_plan& of, unsigned attempt, const failure& why) override {
        of.hears->on_retry(of.tag, attempt, why);
    }
    void tell(call_plan of, raw_result outcome) override;

    template <class Change>
    void hand_over(Change&& change);
    template <class Input>
    void feed(Input input);
    void begin(call_plan plan, std::chrono::steady_clock::time_point now);
    void look_whether_quiet();

    struct inbox {
        std::vector<call_plan> submitted;
        std::vector<call_id> cancelled;
        std::optional<failure> closed;
        [[nodiscard]] bool empty() const noexcept { return submitted.empty() && cancelled.empty() && !closed; }
    };

    const std::uint64_t seed_;
    std::atomic<call_id> last_id_ = 0;
    std::atomic<std::thread::id> own_thread_;  ///< known before any call ends
    std::mutex door_;
    inbox arrived_;  // guarded by door_
    std::condition_variable quiet_;
    bool is_quiet_ = false;  // guarded by door_

    // On the client's thread.
    inbox taken_;
    call_machine machine_;
    bool busy_ = false;  ///< the machine is at work: what comes meanwhile waits in late_
    std::vector<std::function<void()>> late_;
    std::vector<runtime::call_id> jobs_;  ///< by the attempt's index
    std::size_t orders_out_ = 0;
    bool closing_ = false;
    std::shared_ptr<job_ear> jobs_ear_;
    std::shared_ptr<order_ear> orders_ear_;

    runtime::client client_;  // last, so that it goes first: until it is gone, jobs end
};

}  // namespace sheaf::detail
