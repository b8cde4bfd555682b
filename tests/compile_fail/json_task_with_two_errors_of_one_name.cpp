// names: "file\.read"
// says: two errors of the task have the same json_name
#include <sheaf/json.hpp>
#include <sheaf/sheaf.hpp>

struct unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
    static constexpr std::string_view json_name = "unreadable";
};
struct denied : unreadable {
    using unreadable::unreadable;
};
inline constexpr sheaf::task<"file.read", int(int), sheaf::json, sheaf::throws<unreadable, denied>> read_file{};
