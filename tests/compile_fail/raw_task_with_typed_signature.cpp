// names: "image\.scale"
// says: a raw task is sheaf::bytes\(sheaf::bytes\).*bytes in, bytes out
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"image.scale", int(int), sheaf::raw> scale{};
