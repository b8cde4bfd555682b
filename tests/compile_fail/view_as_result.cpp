// names: "file\.name"
// says: a view does not own what it shows\. Use std::string instead of std::string_view
#include <string_view>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"file.name", std::string_view(int)> file_name{};
