// What an exception says to a person.
#pragma once

#include "sheaf/runtime/error.hpp"

namespace sheaf {

/// The error that `why` was made of: its sentence, without the code's name that std::system_error puts behind it.
[[nodiscard]] error error_of(const runtime_failure& why);

}  // namespace sheaf
