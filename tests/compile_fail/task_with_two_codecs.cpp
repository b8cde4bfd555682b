// names: "image\.scale"
// says: a task has one codec: name one of
#include <sheaf/json.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"image.scale", sheaf::bytes(sheaf::bytes), sheaf::raw, sheaf::json> scale{};
