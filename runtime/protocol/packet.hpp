// A packet as it was read: its type and views of its arguments and data.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/assert.hpp"
#include "protocol/packet_type.hpp"
#include "sheaf/runtime/shared_bytes.hpp"

namespace sheaf::protocol {

/// Every binary message starts with twelve bytes: magic, type, size.
inline constexpr std::size_t header_size = 12;

/// Requests go to the server, responses come from it.
enum class direction : std::uint8_t { request, response };

/// The first four bytes of every packet that goes `way`.
[[nodiscard]] constexpr std::string_view magic(direction way) noexcept {
    return way == direction::request ? std::string_view("\0REQ", 4) : std::string_view("\0RES", 4);
}

/// A complete packet whose bytes belong to a frame_reader. Valid until that reader is given more bytes.
struct packet_view {
    packet_type type{};
    direction way = direction::request;
    std::array<std::string_view, max_arguments> arguments{};
    std::string_view data;
    const shared_bytes* owner = nullptr;  ///< the memory of a large packet, which `data` ends

    /// The data with an owner of its own: shared when the packet is large, else copied.
    [[nodiscard]] shared_bytes share_data() const {
        return owner == nullptr ? shared_bytes(data) : owner->suffix(data.size());
    }
    /// Argument `index`, counted from 0 in the order of the table.
    [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept {
        SHEAF_ASSERT(index < info(type).arguments, "the table says how many arguments there are");
        return arguments[index];
    }
};

/// Splits `body` (what follows the header) by the table's row for `type` into `packet`; false when arguments are missing.
/// No argument ever holds a NUL: a last one without data ends at its first NUL, which some peers send and others do not.
/// Bytes after it, or after the header of a packet without arguments and data, are ignored, as every Gearman server does.
[[nodiscard]] bool parse_packet(packet_type type, direction way, std::string_view body, packet_view& packet) noexcept;

/// A job's priority: within a function, higher ones are handed out first.
enum class priority : std::uint8_t { high, normal, low };
inline constexpr std::size_t priority_count = 3;

/// What the six plain SUBMIT_JOB packets and the two reduce forms have in common.
struct submission {
    std::string_view function;
    std::string_view unique;   ///< empty: never coalesced
    std::string_view reducer;  ///< only of reduce jobs
    protocol::priority priority = protocol::priority::normal;
    bool background = false;
};

/// Reads `packet` as a submission; empty for every other type (EPOCH and SCHED jobs too: their time is their own matter).
[[nodiscard]] std::optional<submission> as_submission(const packet_view& packet) noexcept;

}  // namespace sheaf::protocol
