// Bytes that are no text.
#pragma once

#include <cstddef>
#include <vector>

namespace sheaf {

// Within a namespace of its own, or compilers that warn of shadowing would for every variable of that name.
inline namespace byte_types {
/// What raw tasks take and give, and what JSON holds in base64.
using bytes = std::vector<std::byte>;
}  // namespace byte_types

}  // namespace sheaf
