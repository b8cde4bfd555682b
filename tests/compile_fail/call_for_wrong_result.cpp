// The task's result is not what the caller takes it for.
// names: "math\.square"
// says: long.*std::.*string|no viable conversion
#include <string>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"math.square", long(int)> square{};

std::string use(sheaf::cluster& cluster) { return cluster.call(square(7)); }
