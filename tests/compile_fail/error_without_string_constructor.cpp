// names: "fs\.stats".*unreadable
// says: errors are constructible from a std::string.*Add 'using std::runtime_error::runtime_error.'
#include <stdexcept>
#include <string>

#include <sheaf/sheaf.hpp>

struct unreadable : std::runtime_error {
    explicit unreadable(int code) : std::runtime_error(std::to_string(code)) {}
};
inline constexpr sheaf::task<"fs.stats", long(std::string), sheaf::throws<unreadable>> file_stats{};
