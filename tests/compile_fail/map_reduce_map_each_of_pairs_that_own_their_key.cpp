// names: "pages"
// says: let map_each take const std::pair<std::string_view, value>&
#include <functional>
#include <string>
#include <utility>

#include <sheaf/inputs.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::map_reduce<"pages", std::string, int> pages{};

void bind(sheaf::app& app) {
    app.bind(pages,
             sheaf::map_each([](const std::pair<std::string, int>& one) { return one; }).combine_with(std::plus<>{}));
}
