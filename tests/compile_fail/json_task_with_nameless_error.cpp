// names: "file\.read"
// says: say what the error is called on the wire: add 'static constexpr std::string_view json_name
#include <sheaf/json.hpp>
#include <sheaf/sheaf.hpp>

struct unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
};
inline constexpr sheaf::task<"file.read", std::string(std::string), sheaf::json, sheaf::throws<unreadable>> read_file{};
