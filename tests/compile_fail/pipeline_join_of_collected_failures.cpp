// names: "img\.ocr"
// names: "img\.join"
// says: a branch of a fork does not fit the join\. It collects failures
#include <string>
#include <vector>

#include <sheaf/pipeline.hpp>

inline constexpr sheaf::task<"img.cut", std::vector<int>(std::string)> cut{};
inline constexpr sheaf::task<"img.ocr", std::string(int)> ocr{};
inline constexpr sheaf::task<"img.faces", int(std::string)> faces{};
inline constexpr sheaf::task<"img.join", std::string(std::vector<std::string>, int)> join_all{};

void use() {
    (void)(sheaf::pipeline("scan") |
           sheaf::fork(sheaf::stage(cut) | sheaf::each(ocr, {.on_failure = sheaf::on_failure::collect}),
                       sheaf::stage(faces)) |
           sheaf::join(join_all));
}
