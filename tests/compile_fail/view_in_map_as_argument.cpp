// names: "file\.sizes"
// says: a view does not own what it shows\. Use std::string instead of std::string_view
#include <map>
#include <string_view>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"file.sizes", long(std::map<int, std::string_view>)> file_sizes{};
