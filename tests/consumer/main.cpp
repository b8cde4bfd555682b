// What somebody who uses Sheaf as a library may write: a driver with a local cluster. Built by each kind of consumer.
#include <functional>
#include <iostream>
#include <span>
#include <string>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"consumer.square", long(int)> square{};
inline constexpr sheaf::map_reduce<"consumer.lines", std::string, int> count_lines{};

int main(int argc, char** argv) {
    sheaf::app app{"consumer"};
    app.bind(square, [](int x) { return long{x} * x; });
    const auto one_per_piece = [](const sheaf::text_split&, sheaf::emitter<std::string, int>& out) {
        out.emit("pieces", 1);
    };
    app.bind(count_lines, sheaf::map_with(one_per_piece).combine_with(std::plus<>{}));
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> /*arguments*/) {
        std::cout << "7 squared is " << cluster.call(square(7)) << '\n';
        return 0;
    });
}
