// names: "file\.size"
// says: a pointer means nothing in another process\. Send the value itself
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"file.size", long(const char*)> file_size{};
