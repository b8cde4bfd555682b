// names: "fs\.stats".*unreadable
// says: an error with fields of its own needs serialize\(\), or they would be lost on the way
#include <stdexcept>
#include <string>

#include <sheaf/sheaf.hpp>

struct unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
    int code = 0;
};
inline constexpr sheaf::task<"fs.stats", long(std::string), sheaf::throws<unreadable>> file_stats{};
