// names: "lines"
// says: reduce is void\(key, auto& values, std::string& out\)
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::map_reduce<"lines", std::string, int> lines{};

void bind(sheaf::app& app) {
    app.bind(lines, sheaf::map_each([](std::string_view line) {
                        return std::pair(line, 1);
                    }).reduce_with([](std::string_view key, auto& values, std::ostream& out) {
        for (const int one : values) out << key << one;
    }));
}
