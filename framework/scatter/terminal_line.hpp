// One line on a terminal that is drawn again and again.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace sheaf::detail {

/// Draws on standard error, when that is a terminal, at most ten times a second; otherwise does nothing. Erases the line when
/// destroyed.
class terminal_line {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `wanted`: whether to draw at all.
    explicit terminal_line(bool wanted);
    terminal_line(const terminal_line&) = delete;
    terminal_line& operator=(const terminal_line&) = delete;
    ~terminal_line();

    [[nodiscard]] bool is_drawn() const noexcept { return drawn_; }
    /// When the next draw() would show something new. Only when is_drawn().
    [[nodiscard]] time_point next_draw() const noexcept { return next_; }
    /// Whether a draw() would show anything.
    [[nodiscard]] bool is_due(time_point now) const noexcept { return drawn_ && now >= next_; }
    /// How wide a text may be.
    [[nodiscard]] static std::size_t columns();
    void draw(std::string_view text, time_point now);
    /// Makes room for something else. The next draw() brings the line back.
    void erase();

  private:
    bool drawn_;
    bool dirty_ = false;  // there is something to erase
    time_point next_{};
};

}  // namespace sheaf::detail
