// names: "math\.square"
// says: two_tasks_of_this_name_are_bound_give_one_of_them_another
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"math.square", long(int)> square{};
inline constexpr sheaf::task<"math.square", double(double)> square_of_reals{};

void use(sheaf::app& app) {
    app.bind(square, [](int x) { return long{x} * x; });
    app.bind(square_of_reals, [](double x) { return x * x; });
}
