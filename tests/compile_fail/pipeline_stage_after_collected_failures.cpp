// names: "img\.fetch"
// names: "img\.ocr"
// says: The first one collects its failures
#include <string>

#include <sheaf/pipeline.hpp>

inline constexpr sheaf::task<"img.fetch", std::string(std::string)> fetch{};
inline constexpr sheaf::task<"img.ocr", std::string(std::string)> ocr{};

void use() {
    (void)(sheaf::pipeline("scan") | sheaf::stage(fetch, {.on_failure = sheaf::on_failure::collect}) |
           sheaf::stage(ocr));
}
