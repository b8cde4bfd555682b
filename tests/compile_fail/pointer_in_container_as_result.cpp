// names: "file\.sizes"
// says: a pointer means nothing in another process\. Send the value itself
#include <vector>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"file.sizes", std::vector<long*>(int)> file_sizes{};
