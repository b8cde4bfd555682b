// names: "math\.square".*long int\(int\)
// says: what the handler returns does not convert to the task's result\. Return that, or change the task's signature
#include <string>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"math.square", long(int)> square{};

void use(sheaf::app& app) {
    app.bind(square, [](int x) { return std::to_string(x * x); });
}
