// names: "math\.square"
// says: the range's elements do not convert to the task's argument\. Convert them
#include <string>
#include <vector>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"math.square", long(int)> square{};

void use(sheaf::cluster& cluster) { (void)cluster.map(square, std::vector<std::string>{"seven"}); }
