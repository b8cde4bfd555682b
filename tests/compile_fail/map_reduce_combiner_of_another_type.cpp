// names: "lines"
// says: combine is value\(value, value\), with the job's own value type, and associative
#include <string>
#include <string_view>
#include <utility>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::map_reduce<"lines", std::string, int> lines{};

void bind(sheaf::app& app) {
    app.bind(lines, sheaf::map_each([](std::string_view line) {
                        return std::pair(line, 1);
                    }).combine_with([](const std::string& a, const std::string& b) { return a + b; }));
}
