// names: "img\.fetch"
// names: "img\.ocr"
// says: these two steps of a pipeline do not fit together: the second one does not take what the first one gives
#include <string>

#include <sheaf/pipeline.hpp>

inline constexpr sheaf::task<"img.fetch", std::string(std::string)> fetch{};
inline constexpr sheaf::task<"img.ocr", std::string(int)> ocr{};

void use() { (void)(sheaf::pipeline("scan") | sheaf::stage(fetch) | sheaf::stage(ocr)); }
