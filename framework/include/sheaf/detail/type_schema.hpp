// A type in words, as schema() writes those of tasks. Not for users.
#pragma once

#include <string>

#include <sheaf/detail/schema_writer.hpp>

namespace sheaf::detail {

/// How T is encoded, in words.
template <class T>
[[nodiscard]] std::string type_schema() {
    describing_archive archive;
    archive.describe<T>();
    return archive.text;
}

}  // namespace sheaf::detail
