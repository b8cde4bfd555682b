// How long the words of the protocol may be, in bytes.
#pragma once

#include <cstddef>

namespace sheaf::broker {

inline constexpr std::size_t function_size_max = 512;  ///< libgearman's limit
inline constexpr std::size_t unique_size_max = 64;
inline constexpr std::size_t option_size_max = 63;
inline constexpr std::size_t client_id_size_max = 127;  ///< longer ones are cut, as gearmand does

}  // namespace sheaf::broker
