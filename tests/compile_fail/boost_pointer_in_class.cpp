// What a class's serialize() does is known only when a value is encoded.
// names: "tree\.visit"
// says: a pointer means nothing in another process\. Send the value itself
#include <sheaf/boost.hpp>
#include <sheaf/sheaf.hpp>

struct node {
    node* parent = nullptr;
    template <class Archive>
    void serialize(Archive& archive, unsigned /*version*/) {
        archive& parent;
    }
};
inline constexpr sheaf::task<"tree.visit", void(node), sheaf::boost_serialization> visit{};

void use(sheaf::cluster& cluster) { cluster.call(visit(node{})); }
