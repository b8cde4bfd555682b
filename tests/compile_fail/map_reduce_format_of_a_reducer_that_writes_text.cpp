// names: "lines"
// says: reduce_with\(\) and join_with\(\) write their text themselves, so there is nothing left for format_with
#include <string>
#include <string_view>
#include <utility>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::map_reduce<"lines", std::string, int> lines{};

void bind(sheaf::app& app) {
    app.bind(lines, sheaf::map_each([](std::string_view line) {
                        return std::pair(line, 1);
                    }).reduce_with([](std::string_view key, auto&, std::string& out) {
                          out += key;
                      }).format_with([](std::string& out, std::string_view key, int) { out += key; }));
}
