// names: "log\.follow"
// says: a stream.s chunks travel with the default codec only: leave out
#include <sheaf/json.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"log.follow", sheaf::stream<std::string>(std::string), sheaf::json> follow{};
