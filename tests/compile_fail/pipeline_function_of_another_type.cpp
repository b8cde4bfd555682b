// names: "img\.fetch"
// says: this local function cannot be called with what the step before it gives
#include <string>

#include <sheaf/pipeline.hpp>

inline constexpr sheaf::task<"img.fetch", std::string(std::string)> fetch{};

void use() {
    (void)(sheaf::pipeline("scan") | sheaf::stage(fetch) | sheaf::filter([](int size) { return size > 0; }));
}
