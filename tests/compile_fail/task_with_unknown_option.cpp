// names: "file\.size"
// says: the options are throws<E\.\.\.>, idempotent, and one of raw
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"file.size", long(int), int> file_size{};
