// Where on this host the directories of runs are.
#pragma once

#include <filesystem>

#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// The directory below which this user's runs live: ${SHEAF_TMPDIR:-${TMPDIR:-/tmp}}/sheaf-<uid>, made when it is not
/// there. Refused when it belongs to somebody else, or is not a directory.
[[nodiscard]] basic_result<std::filesystem::path, error> run_directories_root();

}  // namespace sheaf::detail
