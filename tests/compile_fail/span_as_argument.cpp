// names: "math\.sum"
// says: a view does not own what it shows\. .*std::vector<T> instead of std::span<T>
#include <span>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"math.sum", long(std::span<const int>)> sum{};
