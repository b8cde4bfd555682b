// Whether a run has a job server, and for how long it waits for one. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace sheaf::detail {

/// Nothing to do until an attempt has ended for want of a server. Then somebody has to ask all servers for a sign of life, again and again
/// until one answers; and when none has for a while, the person is told, once, and in the end the run is over.
class server_watch {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    enum class advice : std::uint8_t {
        nothing,
        ask,       ///< all servers for a sign of life; note_answer() must follow
        say_lost,  ///< that no server answers
        say_back,  ///< that one answers again, after say_lost
        give_up    ///< the run has waited for as long as it may
    };

    explicit server_watch(std::chrono::milliseconds patience);

    /// An attempt has ended since the connection to its server was lost, or since no server could be reached.
    void note_trouble(time_point now);
    /// What came of `ask`: some server answered, or none, and `why`.
    void note_answer(bool some, std::string why, time_point now);
    /// What to do now. To be asked until it is nothing; each is named once.
    [[nodiscard]] advice next(time_point now);
    /// When next() may have something new although nothing was noted.
    [[nodiscard]] std::optional<time_point> next_deadline() const;

    /// For how long no server has answered, or had until one did.
    [[nodiscard]] std::chrono::milliseconds away_for(time_point now) const;
    /// For how long the run still waits.
    [[nodiscard]] std::chrono::milliseconds time_left(time_point now) const;
    /// Why none answers.
    [[nodiscard]] const std::string& why() const noexcept { return why_; }

  private:
    enum class state : std::uint8_t {
        well,
        doubtful,  ///< something broke; the servers are being asked
        away,      ///< none has answered
        back       ///< one has, after the person was told that none did
    };

    [[nodiscard]] time_point told_at() const;

    std::chrono::milliseconds patience_;
    state state_ = state::well;
    bool told_ = false;
    time_point since_;               // the first trouble
    std::optional<time_point> ask_;  // when to ask next; none while the servers are being asked
    std::string why_;
};

}  // namespace sheaf::detail
