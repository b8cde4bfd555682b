// names: "lines"
// says: what map_each returns is a std::pair of key and value, a std::optional of one
#include <functional>
#include <string>
#include <string_view>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::map_reduce<"lines", std::string, int> lines{};

void bind(sheaf::app& app) {
    app.bind(lines, sheaf::map_each([](std::string_view line) { return line.size(); }).combine_with(std::plus<>{}));
}
