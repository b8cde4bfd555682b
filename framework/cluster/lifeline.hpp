// What worker processes tell their supervisor, over one socket for all of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace sheaf::detail {

struct lifeline_message {
    enum class kind : std::uint32_t {
        ready,     ///< the process can serve
        stopping,  ///< a handler has been asked to stop: it, or its process, ends within `limit`
        stopped,   ///< that handler has ended
        ending,    ///< the process has been told to end, and does so within `limit`
        reached,   ///< its main has reached app.run(); the first that it says
    };

    kind what = kind::ready;
    std::size_t first_slot = 0;  ///< says which process it is
    std::size_t slot = 0;        ///< of stopping and stopped: which of its slots, as runtime::assignment::slot() counts
    std::chrono::milliseconds limit{0};
};

/// Never blocks; what the supervisor has no room for is lost.
void send_lifeline_message(int descriptor, const lifeline_message& what) noexcept;

/// The next message, if there is one; what is none is skipped.
[[nodiscard]] std::optional<lifeline_message> receive_lifeline_message(int descriptor) noexcept;

}  // namespace sheaf::detail
