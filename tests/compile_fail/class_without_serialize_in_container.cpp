// names: "fs\.stats"
// says: this class cannot be encoded\. Give it template <class Archive> void serialize
#include <optional>
#include <string>
#include <vector>

#include <sheaf/sheaf.hpp>

struct stats {
    int words;
};
inline constexpr sheaf::task<"fs.stats", std::vector<std::optional<stats>>(std::string)> file_stats{};
