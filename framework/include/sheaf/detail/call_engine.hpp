// Calls as bytes: what the typed API stands on. Not for users.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/call_options.hpp>
#include <sheaf/failure.hpp>
#include <sheaf/runtime/client.hpp>

namespace sheaf::detail {

/// A call whose arguments are encoded.
struct raw_call {
    std::string_view task;          ///< also the Gearman function
    std::string_view schema;        ///< as text; lives as long as the program
    std::uint64_t fingerprint = 0;  ///< of the schema
    std::string arguments;          ///< encoded, without an envelope
    bool enveloped = true;          ///< false: raw bytes for any Gearman peer
};

/// What the handler returned, encoded without an envelope, or why there is nothing.
using raw_result = result<shared_bytes>;

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
    };
    using call_id = runtime::call_id;

    /// Sends `call`; never blocks. `hears` is told exactly once how it ended.
    virtual call_id submit(const raw_call& call, const call_options& how, std::shared_ptr<listener> hears,
                           std::uint64_t tag) = 0;
    /// The call ends with errc::cancelled, unless it has ended already.
    virtual void cancel(call_id call) = 0;
};

/// Wraps calls in envelopes, submits them, and reads the answers' envelopes. One per cluster; any thread.
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

    [[nodiscard]] runtime::client& client() noexcept;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace sheaf::detail
