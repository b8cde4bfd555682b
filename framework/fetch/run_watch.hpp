// When the files of a run may go although nobody has said so: its driver has fallen silent.
#pragma once

#include <chrono>

namespace sheaf::fetch {

/// Decides when to look for a run's driver, and when it has been silent for too long. Pure.
class run_watch {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    struct limits {
        std::chrono::milliseconds between_looks{10'000};
        std::chrono::milliseconds silence_max{120'000};
    };

    run_watch(limits how, time_point now) : how_(how), heard_(now), next_(now + how.between_looks) {}

    /// When to look next.
    [[nodiscard]] time_point next_look() const noexcept { return next_; }
    /// The driver, or somebody who works for it, was heard of.
    void on_sign(time_point now) noexcept {
        heard_ = now;
        next_ = now + how_.between_looks;
    }
    /// The driver did not answer. True: that has been going on for too long.
    [[nodiscard]] bool on_silence(time_point now) noexcept {
        next_ = now + how_.between_looks;
        return now - heard_ >= how_.silence_max;
    }

  private:
    limits how_;
    time_point heard_;
    time_point next_;
};

}  // namespace sheaf::fetch
