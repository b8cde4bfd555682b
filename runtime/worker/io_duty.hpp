// Who does a worker's I/O: its own thread, or a slot's thread between two jobs. Pure: the alarm that it speaks of is set, and
// waited for by the own thread, elsewhere.
//
// A job that is handed to another thread, and whose answer is handed back, costs two wake-ups, more than all else that is done
// for a short one. So the thread of a slot that has nothing to run does the I/O, runs the job that it finds, and sends the
// answer. While the handler runs nobody does the I/O; when that lasts for alone_max, the own thread takes it over, and keeps
// it until jobs are short again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace sheaf::runtime {

class io_duty {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    /// For when to set the alarm, if it has to be set.
    using ring = std::optional<time_point>;

    /// How long nobody may do the I/O.
    static constexpr std::chrono::milliseconds alone_max{1};
    /// So many handlers in a row that took less than half of that are a reason to let the slots have it.
    static constexpr int short_row = 3;

    [[nodiscard]] bool is_own() const noexcept { return who_ == holder::own; }
    [[nodiscard]] bool is_with_slot() const noexcept { return who_ == holder::slot; }
    /// Nobody has it, and the own thread is not about to take it.
    [[nodiscard]] bool is_free() const noexcept { return who_ == holder::nobody && !is_called_; }

    /// A slot takes it; it is free.
    void take() noexcept { who_ = holder::slot; }
    /// Who has it leaves it to nobody.
    [[nodiscard]] ring leave(time_point now) noexcept {
        who_ = holder::nobody;
        left_at_ = now;
        return is_set_ ? std::nullopt : set(now + alone_max);
    }
    /// There is something to do that must not wait: if nobody has it, the own thread is to take it at once.
    [[nodiscard]] ring call() noexcept {
        if (!is_free()) return std::nullopt;
        is_called_ = true;
        return set(time_point::min());
    }
    /// The alarm rang. The own thread has the I/O now, or goes on waiting for the alarm.
    [[nodiscard]] ring rang(time_point now) noexcept {
        is_set_ = false;
        if (who_ != holder::nobody) return std::nullopt;
        if (!is_called_ && now < left_at_ + alone_max) return set(left_at_ + alone_max);
        who_ = holder::own;
        is_called_ = false;
        row_ = 0;
        return std::nullopt;
    }

    /// A handler has returned after `took`.
    void ran(std::chrono::nanoseconds took) noexcept { row_ = took < alone_max / 2.0 ? row_ + 1 : 0; }
    /// Whether the own thread should leave it to the slots.
    [[nodiscard]] bool should_change() const noexcept { return is_own() && row_ >= short_row; }

  private:
    enum class holder : std::uint8_t { own, slot, nobody };

    ring set(time_point when) noexcept {
        is_set_ = true;
        return when;
    }

    holder who_ = holder::own;
    time_point left_at_{};
    bool is_set_ = false;     ///< the alarm is going to ring, at left_at_ + alone_max or before
    bool is_called_ = false;  ///< it rings at once
    int row_ = 0;             ///< of short handlers, since the own thread has it
};

}  // namespace sheaf::runtime
