// A run's side data on disk, where its workers find it.
#pragma once

#include <filesystem>

#include <sheaf/detail/job_shape.hpp>
#include <sheaf/side_data.hpp>

namespace sheaf::detail {

/// Writes it to the run's directory; nothing when there is none. Throws unit_refused or runtime_failure.
[[nodiscard]] side_reference write_side_data(const side_data& what, const std::filesystem::path& run_directory);

}  // namespace sheaf::detail
