// names: "lines"
// says: what map_each returns does not convert to the job's key and value
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::map_reduce<"lines", std::string, int> lines{};

void bind(sheaf::app& app) {
    app.bind(lines,
             sheaf::map_each([](std::string_view line) { return std::pair(line, line); }).combine_with(std::plus<>{}));
}
