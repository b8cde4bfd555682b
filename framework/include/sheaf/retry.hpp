// How often, after what and when a call is tried again.
#pragma once

#include <chrono>
#include <cstdint>
#include <typeindex>
#include <vector>

namespace sheaf {

/// A call's attempts. Without more, only what the call itself is not to blame for is tried again: a lost worker or
/// connection, and an attempt that was too slow or fell silent. What the handler throws is tried again when on<>() names it.
///
///     {.retry = sheaf::retry{6}.backoff(250ms).cap(30s).jitter().on<io_error>().never<unreadable>()}
///
/// With more than one attempt a handler may run twice, at the same time even.
class retry {
  public:
    /// One attempt.
    retry() = default;
    /// `attempts` in all, the first included; 0 is taken for 1.
    explicit retry(unsigned attempts) : attempts_(attempts == 0 ? 1 : attempts) {}

    /// Waits `first` before the second attempt, and `factor` times as long before each one after it. Not called: no pause.
    retry& backoff(std::chrono::milliseconds first, double factor = 2.0) {
        first_ = first;
        factor_ = factor;
        return *this;
    }
    /// No pause is longer than this.
    retry& cap(std::chrono::milliseconds longest) {
        longest_ = longest;
        return *this;
    }
    /// Shortens each pause by a random part of it, up to `share`, so that many calls do not come back at once.
    retry& jitter(double share = 0.5) {
        jitter_ = share;
        return *this;
    }
    /// Also after these: exceptions in the task's throws<...>, or classes of failure.hpp such as remote_error.
    template <class... E>
    retry& on() {
        (rules_.push_back({typeid(E), true}), ...);
        return *this;
    }
    /// Not after these. What is said last about a class counts.
    template <class... E>
    retry& never() {
        (rules_.push_back({typeid(E), false}), ...);
        return *this;
    }

    /// What on() and never() said, in that order.
    struct rule {
        std::type_index about;
        bool again = false;
    };

    [[nodiscard]] unsigned attempts() const noexcept { return attempts_; }
    [[nodiscard]] std::chrono::milliseconds first_pause() const noexcept { return first_; }
    [[nodiscard]] double factor() const noexcept { return factor_; }
    [[nodiscard]] std::chrono::milliseconds longest_pause() const noexcept { return longest_; }
    [[nodiscard]] double jitter_share() const noexcept { return jitter_; }
    [[nodiscard]] const std::vector<rule>& rules() const noexcept { return rules_; }

  private:
    unsigned attempts_ = 1;
    std::chrono::milliseconds first_{0};
    double factor_ = 2.0;
    std::chrono::milliseconds longest_ = std::chrono::minutes(10);
    double jitter_ = 0;
    std::vector<rule> rules_;
};

}  // namespace sheaf
