// Foreign bytes for a terminal, a shell, or JSON.
#pragma once

#include <string>
#include <string_view>

namespace sheaf {

/// `text` with backslashes doubled and every byte that is no part of a printable character as "\xHH": control characters
/// (those of Unicode, too) and what is not UTF-8. So nothing in a name can move a cursor or forge a line.
[[nodiscard]] std::string printable(std::string_view text);

/// `text`, made printable, as one word of a command that a person may type: in quotes when it has to be.
[[nodiscard]] std::string shell_word(std::string_view text);

/// `text` with U+FFFD in place of what is not UTF-8, for libraries that want their texts so.
[[nodiscard]] std::string utf8_text(std::string_view text);

/// `text` as a JSON string, with its quotes. What is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace sheaf
