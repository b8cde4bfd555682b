// names: "lines"
// says: a job needs combine_with\(value\(value, value\)\), accumulate_with<accumulator>\(\)
#include <string>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::map_reduce<"lines", std::string, int> lines{};

void bind(sheaf::app& app) {
    app.bind(lines, sheaf::map_with([](const sheaf::text_split&, sheaf::emitter<std::string, int>&) {}));
}
