// One server as a client or worker sees it: whether it is connected, when to try again, whether it still lives. Pure.
#pragma once

#include <chrono>
#include <string>

#include "peer/backoff.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::peer {

using time_point = std::chrono::steady_clock::time_point;
inline constexpr time_point never = time_point::max();

/// What a link needs to know.
struct link_options {
    std::chrono::milliseconds backoff_min{50};
    std::chrono::milliseconds backoff_max{2000};
    std::chrono::milliseconds keepalive_silence{10000};  ///< a busy connection that is silent for so long is asked
    std::chrono::milliseconds keepalive_timeout{5000};   ///< and given up when it says nothing for so long after that
};

/// The state of one link. The owner connects, closes and writes; the link says when.
class server_link {
  public:
    enum class phase : std::uint8_t {
        idle,        ///< not connected, and nobody has asked for it
        connecting,  ///< first attempt since it was idle: worth waiting for
        connected,
        down,      ///< failed or lost; waiting for the next attempt
        retrying,  ///< an attempt after a failure
    };
    enum class advice : std::uint8_t { nothing, ping, give_up };

    server_link(std::string name, const link_options& how);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] phase now_in() const noexcept { return phase_; }
    [[nodiscard]] bool is_connected() const noexcept { return phase_ == phase::connected; }
    /// Whether it may be waited for: everything but a server that failed and has not come back.
    [[nodiscard]] bool has_hope() const noexcept { return phase_ != phase::down && phase_ != phase::retrying; }
    /// Why it is down, or was last.
    [[nodiscard]] const error& last_error() const noexcept { return last_error_; }

    /// An attempt begins.
    void connecting() noexcept;
    void connected(time_point now) noexcept;
    /// The attempt failed, or the connection is gone: the next attempt is due after a pause.
    void lost(error why, time_point now, const random_source& random);
    /// Nobody needs the server now: no further attempt until connecting() is called.
    void rest() noexcept { phase_ = phase::idle; }
    [[nodiscard]] bool attempt_is_due(time_point now) const noexcept {
        return phase_ == phase::down && now >= retry_at_;
    }

    /// The server said something.
    void heard() noexcept {
        heard_ = true;
        proven_ = true;
    }
    /// Whether a server that owes us answers (`busy`) has been silent for too long. Call at each tick.
    [[nodiscard]] advice check_life(bool busy, time_point now) noexcept;
    /// When to call again, at the latest.
    [[nodiscard]] time_point next_deadline(bool busy) const noexcept;
    /// A busy period begins or goes on: checks are due from now on.
    void watch(time_point now) noexcept {
        if (check_at_ == never) check_at_ = now + half_silence_;
    }

  private:
    std::string name_;
    phase phase_ = phase::idle;
    backoff pause_;
    std::chrono::microseconds half_silence_;
    std::chrono::microseconds ping_timeout_;
    time_point retry_at_ = never;
    time_point check_at_ = never;
    bool heard_ = false;  ///< since the last check
    bool quiet_ = false;  ///< the last check heard nothing
    bool pinged_ = false;
    bool proven_ = false;  ///< this connection has carried something: the next pause starts small
    error last_error_;
};

}  // namespace sheaf::peer
