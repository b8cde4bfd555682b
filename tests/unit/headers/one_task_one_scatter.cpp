// What a small program includes and uses; compiled by the checks in this directory, never run.
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"square", long(int)> square{};

int main(int argc, char** argv) {
    sheaf::app app{"square"};
    app.bind(square, [](int x) { return long{x} * x; });
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> /*arguments*/) {
        long sum = cluster.call(square(7));
        for (auto& [index, outcome] : sheaf::as_completed(cluster.scatter(square, std::vector{1, 2, 3}))) {
            if (outcome) sum += *outcome;
        }
        std::cout << sum << '\n';
        return 0;
    });
}
