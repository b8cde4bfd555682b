// The name of a background job that people and programs keep: of which task it is, under which handle, at which server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sheaf/runtime/error.hpp>

namespace sheaf::detail {

struct background_id {
    std::string task;
    std::uint64_t fingerprint = 0;  ///< of the task's schema
    std::string handle;
    std::string server;  ///< as endpoints are written; a hint: the same server may have several addresses

    friend bool operator==(const background_id&, const background_id&) = default;
};

/// "img.resize/5be1d9c2a0f34e77/H:ant:1717986918400007/jobs:4730": one word of a shell, whatever the handle and the address hold.
[[nodiscard]] std::string to_string(const background_id& id);

/// Reads that. The text may be anybody's.
[[nodiscard]] basic_result<background_id> parse_background_id(std::string_view text);

}  // namespace sheaf::detail
