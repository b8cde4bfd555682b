// names: "img\.fetch"
// says: each\(\) and flatten take a std::vector apart
#include <string>

#include <sheaf/pipeline.hpp>

inline constexpr sheaf::task<"img.fetch", std::string(std::string)> fetch{};
inline constexpr sheaf::task<"img.ocr", std::string(std::string)> ocr{};

void use() { (void)(sheaf::pipeline("scan") | sheaf::stage(fetch) | sheaf::each(ocr)); }
