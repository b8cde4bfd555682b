// names: "lines"
// says: map is void\(const split& in, sheaf::emitter<key, value>& out\), with the job's own key and value types
#include <functional>
#include <string>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::map_reduce<"lines", std::string, int> lines{};

void bind(sheaf::app& app) {
    app.bind(lines, sheaf::map_with([](const sheaf::text_split&, sheaf::emitter<std::string, long>&) {
                    }).combine_with(std::plus<>{}));
}
