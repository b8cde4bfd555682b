// names: "fs\.stats"
// says: must have a default constructor: the receiver fills in a default object
#include <string>

#include <sheaf/sheaf.hpp>

struct stats {
    explicit stats(int count) : words(count) {}
    int words;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(words);
    }
};
inline constexpr sheaf::task<"fs.stats", stats(std::string)> file_stats{};
