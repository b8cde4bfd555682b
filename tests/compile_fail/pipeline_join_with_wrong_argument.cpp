// names: "img\.faces"
// names: "img\.join"
// says: the join's parameter at that place is of another type
#include <string>

#include <sheaf/pipeline.hpp>

inline constexpr sheaf::task<"img.text", std::string(std::string)> text{};
inline constexpr sheaf::task<"img.faces", long(std::string)> faces{};
inline constexpr sheaf::task<"img.join", std::string(std::string, int)> join_all{};

void use() {
    (void)(sheaf::pipeline("scan") | sheaf::fork(sheaf::stage(text), sheaf::stage(faces)) | sheaf::join(join_all));
}
