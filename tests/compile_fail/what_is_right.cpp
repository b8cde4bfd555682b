// What these mistakes are near to, and is none.
// compiles
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <sheaf/sheaf.hpp>

struct stats {
    int words = 0;
    std::vector<stats> parts{};
    template <class Archive>
    void serialize(Archive& archive) {
        archive(words, parts);
    }
};
struct unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
    int code = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(code);
    }
};
using by_name = std::map<std::string, std::optional<stats>>;
inline constexpr sheaf::task<"fs.stats", by_name(std::vector<std::string>), sheaf::throws<unreadable>> file_stats{};
inline constexpr sheaf::task<"fs.visit", void(std::unique_ptr<stats>), sheaf::idempotent> visit{};
inline constexpr sheaf::task<"math.add", long(int, int)> add{};

void use(sheaf::app& app, sheaf::cluster& cluster) {
    app.bind(file_stats, [](sheaf::context&, const std::vector<std::string>&) { return by_name{}; });
    app.bind(add, [](short x, long y) { return static_cast<int>(x + y); });
    const std::optional<stats> one = cluster.call(file_stats({"a", "b"})).at("a");
    cluster.call(visit(std::make_unique<stats>(*one)));
    (void)cluster.map(add, std::vector<std::pair<char, short>>{{1, 2}});
}
