// What a job's unique key means: "-" makes the payload the key, and nothing is none.
#pragma once

#include <string_view>

namespace sheaf::broker {

[[nodiscard]] inline bool key_is_payload(std::string_view unique) noexcept { return unique == "-"; }

[[nodiscard]] inline bool has_key(std::string_view unique, std::string_view payload) noexcept {
    return !unique.empty() && !(key_is_payload(unique) && payload.empty());
}

/// The bytes that are compared. Two jobs have the same key when these are the same, and both or neither are payloads.
[[nodiscard]] inline std::string_view key_of(std::string_view unique, std::string_view payload) noexcept {
    return key_is_payload(unique) ? payload : unique;
}

}  // namespace sheaf::broker
