// names: "math\.square".*long int\(int\)
// says: the handler cannot be called with the task's arguments\. Let it take those of the task's signature
#include <string>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"math.square", long(int)> square{};

void use(sheaf::app& app) {
    app.bind(square, [](const std::string& text) { return static_cast<long>(text.size()); });
}
