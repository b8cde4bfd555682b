// names: "image\.scale"
// says: a raw task is std::string\(std::string\): bytes in, bytes out
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"image.scale", int(int), sheaf::raw> scale{};
