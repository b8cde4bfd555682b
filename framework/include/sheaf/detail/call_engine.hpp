// Calls as bytes: what the typed API stands on. Not for users.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/call_options.hpp>
#include <sheaf/detail/wire_form.hpp>
#include <sheaf/failure.hpp>
#include <sheaf/runtime/client.hpp>

namespace sheaf::detail {

/// A call whose arguments are encoded.
struct raw_call {
    std::string_view task;          ///< also the Gearman function
    std::string_view schema;        ///< as text; lives as long as the program
    std::uint64_t fingerprint = 0;  ///< of the schema
    std::string arguments;          ///< encoded, without an envelope; of a pack: as pack.hpp has it
    wire_form form = wire_form::enveloped;
    std::span<const std::string_view> error_names{};  ///< of the task's throws<...>; only with wire_form::json
    std::uint32_t pack = 0;         ///< how many calls of the task it is, in one job; 0: one, and no pack
    bool stream = false;            ///< its result comes in chunks
    bool idempotent = false;        ///< the task says so
    bool own_key = false;           ///< nobody else uses its unique key, so that it may be stopped when it is cancelled
    std::uint64_t typed_again = 0;  ///< the errors in the task's throws<...> after which it is tried again, as bits
    /// The call ends by then, whatever its options say.
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
};

/// What the handler returned, encoded without an envelope, or why there is nothing.
using raw_result = result<shared_bytes>;

class callback_thread;

/// Something that calls can be sent through: the engine, or a test's stand-in for it.
class call_sender {
  public:
    virtual ~call_sender() = default;

    /// Receives the end of calls, on the sender's own thread, which must not be blocked.
    class listener {
      public:
        virtual ~listener() = default;
        virtual void on_result(std::uint64_t tag, raw_result outcome) = 0;
        virtual void on_progress(std::uint64_t /*tag*/, std::uint64_t /*done*/, std::uint64_t /*total*/) {}
        virtual void on_warning(std::uint64_t /*tag*/, std::string_view /*text*/) {}
        /// `attempt`, from 1, has failed, and another one will be made. Not said of those that the worker's host makes itself.
        virtual void on_retry(std::uint64_t /*tag*/, unsigned /*attempt*/, const failure& /*why*/) {}
        /// A piece of a stream's result, encoded.
        virtual void on_chunk(std::uint64_t /*tag*/, shared_bytes /*chunk*/) {}
    };
    using call_id = runtime::call_id;

    /// Sends `call`; never blocks. `hears` is told exactly once how it ended.
    virtual call_id submit(const raw_call& call, const call_options& how, std::shared_ptr<listener> hears,
                           std::uint64_t tag) = 0;
    /// The call ends with errc::cancelled at once, unless it has ended already. Its job is taken from the server's queue, or
    /// its handler's stop_token fires.
    virtual void cancel(call_id call) = 0;
    /// Where users' callbacks run. Nothing: on the thread that brings the news.
    [[nodiscard]] virtual std::shared_ptr<callback_thread> callbacks() { return nullptr; }
};

/// Wraps calls in envelopes, submits them, and reads the answers' envelopes. One per cluster; any thread.
/// Destroying it ends what is out with errc::shutting_down, and takes up to 200 ms to stop the handlers of it.
class call_engine final : public call_sender {
  public:
    explicit call_engine(std::vector<endpoint> servers);
    ~call_engine() override;
    call_engine(const call_engine&) = delete;
    call_engine& operator=(const call_engine&) = delete;

    call_id submit(const raw_call& call, const call_options& how, std::shared_ptr<listener> hears,
                   std::uint64_t tag = 0) override;
    /// Sends `call` and waits for its end.
    [[nodiscard]] raw_result run(const raw_call& call, const call_options& how);
    void cancel(call_id call) override;
    /// cancel() for every call; those that are submitted from now on end with errc::cancelled, too.
    void cancel_all();
    [[nodiscard]] std::shared_ptr<callback_thread> callbacks() override;

    [[nodiscard]] runtime::client& client() noexcept;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace sheaf::detail
