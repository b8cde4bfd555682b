// names: "img\.fetch"
// says: batch\(\), flatten, ordered and by_key\(\) need the main line of a pipeline
#include <string>

#include <sheaf/pipeline.hpp>

inline constexpr sheaf::task<"img.fetch", std::string(std::string)> fetch{};
inline constexpr sheaf::task<"img.faces", int(std::string)> faces{};

void use() {
    (void)(sheaf::pipeline("scan") | sheaf::fork(sheaf::stage(fetch) | sheaf::batch(10), sheaf::stage(faces)));
}
