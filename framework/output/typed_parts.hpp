// Files of keys and values, read back in the driver.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// Calls `take` with each record of the typed file at `path`, in order. What it throws passes.
[[nodiscard]] basic_result<void, error> for_each_typed_record(const std::filesystem::path& path,
                                                              const std::function<void(std::string_view)>& take);

/// Writes the records of all `parts`, which are of the type `schema`, to the new typed file `to`. Throws host_refused, as when the disk is
/// full.
[[nodiscard]] basic_result<void, error> join_typed_files(const std::vector<std::filesystem::path>& parts,
                                                         const std::string& schema, const std::filesystem::path& to);

}  // namespace sheaf::detail
