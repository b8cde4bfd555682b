// The end of what somebody wrote.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sheaf::detail {

/// Keeps the last lines of a text of any length.
class last_lines {
  public:
    static constexpr std::size_t lines_max = 10;
    static constexpr std::size_t bytes_max = 2048;

    void add(std::string_view text);
    /// lines_max of them, with bytes_max in all; what follows the last newline is a line, too. Of a line that is longer than all
    /// that, there is only the end.
    [[nodiscard]] std::vector<std::string> lines() const;

  private:
    std::string end_;
    bool cut_ = false;  ///< something was in front of it
};

}  // namespace sheaf::detail
