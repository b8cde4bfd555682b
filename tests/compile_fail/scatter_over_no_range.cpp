// names: "math\.square"
// says: the second argument is a range of arguments.*for one call, write call\(task\(argument\)\)
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"math.square", long(int)> square{};

void use(sheaf::cluster& cluster) { (void)cluster.map(square, 7); }
