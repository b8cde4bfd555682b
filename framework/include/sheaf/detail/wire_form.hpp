// What surrounds the arguments and results of a task on the wire. Not for users.
#pragma once

#include <cstdint>

namespace sheaf::detail {

enum class wire_form : std::uint8_t {
    enveloped,  ///< Sheaf's own envelope: fingerprint, attempts and clocks travel along
    raw,        ///< nothing: plain bytes, for any Gearman peer
    json,       ///< {"args":[...]} and {"result":...}, for peers in any language
};

}  // namespace sheaf::detail
