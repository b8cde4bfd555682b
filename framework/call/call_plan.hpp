// A call as the call_machine knows it: what to send, how long to wait, and whom to tell.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <sheaf/call_options.hpp>
#include <sheaf/detail/call_engine.hpp>

namespace sheaf::detail {

/// Longer than this is meant as for ever, and would overflow the clock.
inline constexpr std::chrono::milliseconds longest_time = std::chrono::hours(24 * 365 * 100);

/// What few calls have; nothing of it concerns the machine.
struct call_extras;

/// Everything about one call that does not change while it is out.
struct call_plan {
    using time_point = std::chrono::steady_clock::time_point;

    call_sender::call_id id = 0;
    std::string task{};  ///< also the Gearman function
    std::string_view schema{};
    shared_bytes request{};  ///< the payload of the first attempt's job
    std::string unique{};
    wire_form form = wire_form::enveloped;
    std::span<const std::string_view> error_names{};  ///< of a JSON task; lives as long as the program
    sheaf::priority priority = sheaf::priority::normal;
    bool pack = false;
    bool stream = false;
    bool idempotent = false;
    bool own_key = false;

    time_point until = time_point::max();   ///< the deadline
    std::chrono::milliseconds deadline{0};  ///< as it was asked for
    std::chrono::milliseconds attempt_timeout{0};
    std::chrono::milliseconds queue_timeout{0};
    std::chrono::milliseconds heartbeat{0};
    std::chrono::milliseconds hedge{0};
    std::shared_ptr<const sheaf::retry> retry{};  ///< nothing: one attempt
    std::uint64_t typed_again = 0;

    std::shared_ptr<call_sender::listener> hears{};
    std::uint64_t tag = 0;
    std::shared_ptr<call_extras> extras{};

    [[nodiscard]] unsigned attempts() const noexcept { return retry ? retry->attempts() : 1; }
    /// Whether others may wait for its job, too.
    [[nodiscard]] bool may_be_shared() const noexcept { return !unique.empty() && !own_key; }
    /// Whether its clocks depend on when its handler begins.
    [[nodiscard]] bool wants_announcement() const noexcept {
        return attempt_timeout.count() > 0 || queue_timeout.count() > 0 || heartbeat.count() > 0;
    }
};

/// The unique key of calls with the same arguments: those of different tasks or types never meet under one.
[[nodiscard]] std::string key_of_arguments(const raw_call& call);

/// `call` as `how` says, with its first attempt's request. `seed` is the machine's.
[[nodiscard]] call_plan make_plan(const raw_call& call, const call_options& how, call_sender::call_id id,
                                  std::uint64_t seed);
/// The request of a later attempt.
[[nodiscard]] shared_bytes request_of(const call_plan& plan, std::uint64_t name, unsigned attempts, unsigned tried);

}  // namespace sheaf::detail
