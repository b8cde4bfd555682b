// What the handles of one server's life start with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sheaf::server {

/// The longest prefix that make_handle_prefix takes.
inline constexpr std::size_t given_prefix_size_max = 24;

/// "H:" and the host's name, shortened to what fits.
[[nodiscard]] std::string default_prefix();

/// `given`, a colon, and 16 digits of the seconds of the start and a random part: "H:ant:1717986918400007". The digits of the
/// job's number follow at once, because there are clients that look for H:<hostname>:<digits>. Throws runtime_failure when `given`
/// is too long, or holds a NUL or a blank.
[[nodiscard]] std::string make_handle_prefix(std::string_view given, std::uint64_t start_seconds, std::uint32_t random);

}  // namespace sheaf::server
