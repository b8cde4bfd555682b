// What is wrong with bytes that should be a record. Not for users.
#pragma once

#include <stdexcept>

namespace sheaf::detail {

/// What is thrown for bytes that are no record of the expected type. Whoever knows the file adds its name.
struct malformed_record : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace sheaf::detail
