// Whole files, from one disk to another.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "fetch/this_host.hpp"

namespace sheaf::fetch {

/// Makes the file `path`, which must not exist, of what is at `address`; opened with `secret`. Returns its size. Throws as
/// range_reader::read_at does, and runtime_failure when it cannot be written; then there is no file.
std::uint64_t fetch_file(this_host& by, const std::string& address, const std::string& secret, const std::string& path,
                         const std::stop_token& stop);

}  // namespace sheaf::fetch
