// names: "math\.square"
// says: arguments_must_convert_one_by_one_to_those_of_the_task
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"math.square", long(int)> square{};

long use(sheaf::cluster& cluster) { return cluster.call(square(7, 8)); }
