#include "map_reduce/side_file.hpp"

#include <string>
#include <xxhash.h>

#include <sheaf/detail/file.hpp>

namespace sheaf::detail {

side_reference write_side_data(const side_data& what, const std::filesystem::path& run_directory) {
    if (what.bytes() == nullptr) return {};
    pending_file to(run_directory.string(), "side-" + unique_suffix());
    to.write(*what.bytes());
    return {.file = to.commit(),
            .size = what.bytes()->size(),
            .checksum = XXH3_64bits(what.bytes()->data(), what.bytes()->size())};
}

}  // namespace sheaf::detail
