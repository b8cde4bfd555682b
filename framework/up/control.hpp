// What other commands say to a running `sheaf up`, and what it answers: one message each way, as text.
//
// They go over a socket of their own and not through the job server, which may listen on the network: who may open the
// socket's directory may control the cluster, and nobody else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sheaf::up {

/// The longest message.
inline constexpr std::size_t control_bytes_max = 4096;

/// "scale 4" or "down 10000".
struct control_request {
    enum class kind : std::uint8_t {
        scale,  ///< `number` is how many worker processes there are to be
        down,   ///< `number` is how many milliseconds running jobs are given
    };
    kind what = kind::scale;
    std::uint64_t number = 0;

    friend bool operator==(const control_request&, const control_request&) = default;
};

[[nodiscard]] std::string to_text(const control_request& request);
[[nodiscard]] std::optional<control_request> parse_request(std::string_view text);

/// "ok TEXT" or "no TEXT": a sentence for a person.
struct control_reply {
    bool ok = false;
    std::string text;

    friend bool operator==(const control_reply&, const control_reply&) = default;
};

[[nodiscard]] std::string to_text(const control_reply& reply);
[[nodiscard]] std::optional<control_reply> parse_reply(std::string_view text);

}  // namespace sheaf::up
