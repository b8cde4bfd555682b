// names: "tree\.visit"
// says: shared ownership does not cross processes\. Send the value itself, or a std::unique_ptr
#include <memory>
#include <vector>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"tree.visit", void(std::vector<std::shared_ptr<int>>)> visit{};
