// The line that shows, on a terminal, how far a run is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "scatter/terminal_line.hpp"
#include <sheaf/map_reduce_events.hpp>

namespace sheaf::detail {

/// One line without control characters, at most `columns` wide:
/// "wordcount: map 43%, 440 MiB of 1.0 GiB, 612 MiB/s, 0.96 s left, 1 retry".
[[nodiscard]] std::string format_progress(std::string_view job, const map_reduce_progress& at, std::size_t columns);

/// Draws the line on a terminal.
class progress_line {
  public:
    using time_point = terminal_line::time_point;

    /// `wanted`: whether to draw at all.
    progress_line(std::string job, bool wanted);

    [[nodiscard]] bool is_drawn() const noexcept { return line_.is_drawn(); }
    /// When the next draw() would show something new. Only when is_drawn().
    [[nodiscard]] time_point next_draw() const noexcept { return line_.next_draw(); }
    void draw(const map_reduce_progress& at, time_point now);
    /// A line of its own for a person, on standard error, whatever that is; if anything is wanted.
    void say(const std::string& what);

  private:
    std::string job_;
    bool wanted_;
    terminal_line line_;
};

}  // namespace sheaf::detail
