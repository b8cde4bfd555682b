// names: "img\.fetch"
// says: batch\(\), flatten, ordered and by_key\(\) need the main line of a pipeline
#include <string>
#include <vector>

#include <sheaf/pipeline.hpp>

inline constexpr sheaf::task<"img.pages", std::vector<std::string>(int)> pages{};
inline constexpr sheaf::task<"img.fetch", std::string(std::string)> fetch{};

void use() {
    (void)(sheaf::pipeline("scan") | sheaf::stage(pages) | sheaf::each(sheaf::stage(fetch) | sheaf::ordered));
}
