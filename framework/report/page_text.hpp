// Text within a page.
#pragma once

#include <string>
#include <string_view>

namespace sheaf::detail {

/// `text` for HTML and its attributes: printable, line by line, and with nothing that a browser takes for markup.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace sheaf::detail
