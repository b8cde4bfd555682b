// names: "cache\.find"
// says: an optional of something that may itself be null: JSON has only one null\. Use
#include <sheaf/json.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"cache.find", std::optional<std::optional<int>>(std::string), sheaf::json> find{};
