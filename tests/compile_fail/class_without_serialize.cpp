// names: "fs\.stats"
// says: this class cannot be encoded\. Give it template <class Archive> void serialize
#include <string>

#include <sheaf/sheaf.hpp>

struct stats {
    int words;
};
inline constexpr sheaf::task<"fs.stats", stats(std::string)> file_stats{};
