#include "scatter/terminal_line.hpp"

#include <string>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace sheaf::detail {
namespace {

constexpr std::chrono::milliseconds redraw_pause{100};
constexpr std::string_view erase_to_end = "\x1b[K";

// A terminal that takes no more is no reason to fail, or to wait.
void write_to_terminal(std::string_view text) { (void)!::write(STDERR_FILENO, text.data(), text.size()); }

}  // namespace

terminal_line::terminal_line(bool wanted) : drawn_(wanted && ::isatty(STDERR_FILENO) == 1) {}

terminal_line::~terminal_line() { erase(); }

void terminal_line::erase() {
    if (std::exchange(dirty_, false)) write_to_terminal("\r" + std::string(erase_to_end));
}

std::size_t terminal_line::columns() {
    winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    // One column stays free: some terminals wrap when the last is written.
    return (known ? size.ws_col : std::size_t{80}) - 1;
}

void terminal_line::draw(std::string_view text, time_point now) {
    if (!is_due(now)) return;
    next_ = now + redraw_pause;
    write_to_terminal("\r" + std::string(text.substr(0, columns())) + std::string(erase_to_end));
    dirty_ = true;
}

}  // namespace sheaf::detail
