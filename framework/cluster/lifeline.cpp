#include "cluster/lifeline.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <sys/socket.h>

namespace sheaf::detail {
namespace {

// In the machine's own order: both ends are on it. A message that is one number only says that the process is ready.
using numbers = std::array<std::uint32_t, 4>;

constexpr std::uint32_t kinds = 5;

}  // namespace

void send_lifeline_message(int descriptor, const lifeline_message& what) noexcept {
    constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
    const numbers message{static_cast<std::uint32_t>(what.first_slot), static_cast<std::uint32_t>(what.what),
                          static_cast<std::uint32_t>(what.slot),
                          static_cast<std::uint32_t>(std::clamp<std::int64_t>(what.limit.count(), 0, most))};
    const bool is_short = what.what == lifeline_message::kind::ready;
    ::send(descriptor, message.data(), is_short ? sizeof message[0] : sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::optional<lifeline_message> receive_lifeline_message(int descriptor) noexcept {
    numbers message{};
    for (;;) {
        const ssize_t size = ::recv(descriptor, message.data(), sizeof message, MSG_DONTWAIT);
        if (size <= 0) return std::nullopt;
        if (size == ssize_t{sizeof message[0]}) return lifeline_message{.first_slot = message[0]};
        if (size != ssize_t{sizeof message} || message[1] >= kinds) continue;
        return lifeline_message{.what = static_cast<lifeline_message::kind>(message[1]),
                                .first_slot = message[0],
                                .slot = message[2],
                                .limit = std::chrono::milliseconds(message[3])};
    }
}

}  // namespace sheaf::detail
