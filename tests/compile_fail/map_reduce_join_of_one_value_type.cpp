// names: "lines"
// says: a job that joins has sheaf::join_of<left, right> as its value type
#include <string>
#include <string_view>
#include <utility>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::map_reduce<"lines", std::string, int> lines{};

void bind(sheaf::app& app) {
    const auto read = [](std::string_view line) { return std::pair(line, 1); };
    app.bind(lines, sheaf::map_each(read).and_map_each(read).join_with(
                        [](std::string_view, const auto&, auto&, std::string&) {}));
}
