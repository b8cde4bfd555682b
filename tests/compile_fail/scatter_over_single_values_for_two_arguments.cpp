// names: "math\.add"
// says: the task takes several arguments, so the range's elements must be tuples, pairs or arrays
#include <vector>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"math.add", long(int, int)> add{};

void use(sheaf::cluster& cluster) { (void)cluster.map(add, std::vector{1, 2}); }
