// names: "lines"
// says: an accumulator has merge\(accumulator&&\): it adds what another one has seen
#include <string>
#include <string_view>
#include <utility>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::map_reduce<"lines", std::string, int> lines{};

struct sum {
    long all = 0;
    void add(int one) { all += one; }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(all);
    }
};

void bind(sheaf::app& app) {
    app.bind(lines, sheaf::map_each([](std::string_view line) { return std::pair(line, 1); }).accumulate_with<sum>());
}
