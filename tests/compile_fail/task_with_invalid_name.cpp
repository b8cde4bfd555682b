// names: "file size"
// says: a task's name is 1 to 64 of the characters A-Z a-z 0-9 \. _ and -
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"file size", long(int)> file_size{};
