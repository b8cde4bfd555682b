// The line that shows, on a terminal, how far a run is.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "map_reduce/run_plan.hpp"
#include "scatter/terminal_line.hpp"

namespace sheaf::detail {

/// How far a run is.
struct run_progress {
    run_stage stage = run_stage::map;
    std::uint32_t units_done = 0;  ///< of the stage
    std::uint32_t units = 0;
    std::uint64_t bytes_done = 0;  ///< of the stage's input; of the map stage only
    std::uint64_t bytes = 0;
    std::chrono::milliseconds elapsed{0};  ///< in the stage
    std::uint64_t retries = 0;
    bool waits_for_workers = false;  ///< nobody offers the job's functions
};

/// The share of the stage that is done, 0 to 1.
[[nodiscard]] double share_done(const run_progress& at);
/// How long the stage will take at the pace so far. Nothing while that is a guess.
[[nodiscard]] std::optional<std::chrono::milliseconds> time_left(const run_progress& at);

/// One line without control characters, at most `columns` wide:
/// "wordcount: map 43%, 440 MiB of 1.0 GiB, 612 MiB/s, 0.96 s left, 1 retry".
[[nodiscard]] std::string format_progress(std::string_view job, const run_progress& at, std::size_t columns);

/// Draws the line on a terminal.
class progress_line {
  public:
    using time_point = terminal_line::time_point;

    /// `wanted`: whether to draw at all.
    progress_line(std::string job, bool wanted);

    [[nodiscard]] bool is_drawn() const noexcept { return line_.is_drawn(); }
    /// When the next draw() would show something new. Only when is_drawn().
    [[nodiscard]] time_point next_draw() const noexcept { return line_.next_draw(); }
    void draw(const run_progress& at, time_point now);

  private:
    std::string job_;
    terminal_line line_;
};

}  // namespace sheaf::detail
