// names: "file\.size"
// says: a view does not own what it shows\. Use std::string instead of std::string_view
#include <string_view>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"file.size", long(std::string_view)> file_size{};
