// names: "img\.fetch"
// says: the range's elements do not convert to what the plan takes\. Convert them
#include <string>
#include <vector>

#include <sheaf/pipeline.hpp>

inline constexpr sheaf::task<"img.fetch", std::string(std::string)> fetch{};

void use(sheaf::cluster& cluster) {
    (void)cluster.start(sheaf::pipeline("scan") | sheaf::stage(fetch), std::vector{1, 2});
}
