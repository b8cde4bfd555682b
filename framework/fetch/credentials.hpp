// Secrets: made by chance, and compared without telling how much of them was right.
#pragma once

#include <string>
#include <string_view>

namespace sheaf::fetch {

/// 32 hexadecimal digits that nobody can guess.
[[nodiscard]] std::string make_secret();

/// Takes as long for any two texts of one length.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

/// The value of the Authorization header for `secret`.
[[nodiscard]] std::string bearer(std::string_view secret);

/// Whether `header`, the value of Authorization, has `secret`. Never when there is no secret.
[[nodiscard]] bool is_authorized(std::string_view header, std::string_view secret) noexcept;

}  // namespace sheaf::fetch
